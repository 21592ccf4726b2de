"""The commit of which a stage's lock entry is, and what changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LockedAt:
    """When a stage's lock entry became what it is.

    `commit` is the newest one that changed the entry; `None` where the history does not tell, and
    `unknown` says why. `since` lists, for each dep or out that was asked for, the paths that make
    it up (in Git, or outs by the hash in their lock) and are not what they were at that commit:
    none means that it is unchanged. `certain` are those of which that is sure to matter: Git held
    just what the entry names and no more does, a plain file or an LFS pointer has other content, or
    Git or DVC tracked it and nothing does any more.
    """

    commit: str | None
    since: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()
    unknown: str | None = None
