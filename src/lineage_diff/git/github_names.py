"""Names that GitHub gives in a clone: of the repository in a URL, of a pull request in a merge.

Another forge would have a module like this one beside it.
"""

import re

_HOST = r"(?P<host>[A-Za-z0-9.-]+)"
_NAME = r"(?P<name>[A-Za-z0-9_-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?"
_URL = re.compile(rf"(?:https?|ssh|git)://(?:[^/@]*@)*{_HOST}(?::\d+)?/{_NAME}")
_SCP = re.compile(rf"(?:[^/@:]+@)?{_HOST}:{_NAME}")
# https://docs.github.com/pull-requests: the subjects of GitHub's merges, and of its squashes.
_MERGE = re.compile(r"^Merge pull request #(\d{1,9}) |\(#(\d{1,9})\)$")


def github_name(url: str) -> str | None:
    """Return `owner/name` of a URL of github.com or of a server named after GitHub, else `None`.

    Nothing else of the URL is kept: it may hold credentials.
    """
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None:
        return None
    host = match["host"].lower()
    known = host.endswith(".ghe.com") or any(
        label.startswith("github") for label in host.split(".")
    )
    return match["name"] if known else None


def merged_pull_request(subject: str) -> int | None:
    """Return the number of the pull request that a commit with this subject merged, if any."""
    match = _MERGE.search(subject)
    return int(match[1] or match[2]) if match else None
