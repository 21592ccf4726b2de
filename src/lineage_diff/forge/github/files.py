"""Read one file of a repository. https://docs.github.com/rest/repos/contents"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError, understood
from lineage_diff.forge.publication import FoundFile, Note


def read_file(github: GitHub, repository: str, commit: str, path: str, most: int) -> FoundFile:
    """Return a file at a commit, of at most `most` bytes. A refusal is a note."""
    try:
        answer = github.ask("GET", f"/repos/{repository}/contents/{quote(path)}", ref=commit)
        content = _content(answer.body, most)
    except RefusedError as refused:
        return FoundFile(note=Note("file", refused.why, refused.message))
    if content is None:
        return FoundFile(note=Note("file", "gone", f"no file of at most {most} bytes"))
    return FoundFile(content)


@understood
def _content(item: Mapping[str, Any] | list[Any], most: int) -> bytes | None:
    """Return the content; `None` for a folder, a link, a submodule, or a longer file."""
    if isinstance(item, list) or item["type"] != "file" or item["size"] > most:
        return None
    return b64decode(item["content"]) if item["encoding"] == "base64" else None
