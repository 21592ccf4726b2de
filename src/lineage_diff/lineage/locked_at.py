"""The commit of which a stage's lock entry is, and what changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LockedAt:
    """When a stage's lock entry became what it is.

    `commit` is the newest one that changed the entry; `None` where the history does not tell, and
    `unknown` says why. `since` lists, for each dep or out that was asked for, the paths that make
    it up (in Git, or outs by the hash in their lock) and are not what they were at that commit:
    none means that it is unchanged. `exact` are those that Git held at that commit just as the
    entry names them.
    """

    commit: str | None
    since: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    unknown: str | None = None
