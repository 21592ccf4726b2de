"""What a commit itself holds at a path: the Git side of a dependency or output."""

from dataclasses import dataclass
from typing import Literal

from lineage_diff.lineage.version import Version

ContentKind = Literal["file", "directory", "symlink", "submodule", "lfs"]


@dataclass(frozen=True, slots=True)
class Content:
    """A path that Git tracks.

    `oid` is the blob's or tree's id. `versions` are the hashes under which DVC may know this
    content, in DVC 3's and DVC 2's scheme, exact as DVC computes them; empty when they were not
    computed or cannot be (`unknown` then says why). `eol_versions` are the same for the content
    with its line ends changed (CRLF for LF and the other way round).
    """

    oid: str
    kind: ContentKind
    versions: tuple[Version, ...] = ()
    eol_versions: tuple[Version, ...] = ()
    unknown: str | None = None
