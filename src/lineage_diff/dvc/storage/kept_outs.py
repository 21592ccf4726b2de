"""The outs of a commit that DVC keeps, with the object that its storage has for each."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Hash


class Stored(Struct, frozen=True):
    """The stored object of an out, or of a file inside one; `files` where the commit lists them."""

    root: str
    hash: Hash
    remote: str | None = None
    files: tuple[tuple[str, Hash], ...] | None = None


class KeptOut(Struct, frozen=True):
    """An out that DVC keeps, with the stage that makes it and its stored object."""

    stage: Stage
    out: Out
    stored: Stored


def kept_outs(lineage: Lineage, roots: Iterable[str]) -> Iterator[KeptOut]:
    """Yield the outs with a version; `roots` are the folders of the repository's DVC projects."""
    roots = tuple(roots)
    for stage in lineage.stages:
        around = [root for root in roots if is_within(stage.file, root)]
        root = max(around, key=len, default="")
        for out in stage.outs:
            version = out.locked
            if out.cache and not out.external and version is not None and version.hash:
                stored = Stored(root, version.hash, out.remote, version.files)
                yield KeptOut(stage, out, stored)


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is the folder or inside it; `""` is the repository's root."""
    return not folder or path == folder or path.startswith(f"{folder}/")
