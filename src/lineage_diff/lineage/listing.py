"""What lies in a directory that DVC keeps: the listing that its `.dir` hash names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lineage_diff.lineage.version import Hash


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a directory out, their hashes by path relative to it, sorted.

    Without files, `unknown` says why the listing is not at hand.
    """

    files: Mapping[str, Hash] = field(default_factory=dict)
    unknown: str | None = None
