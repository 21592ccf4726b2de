"""The reasons of a row of stages: what decides comes first, and similar ones are counted."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from msgspec import Struct

from lineage_diff.render.groups.causes import LEAST_PARAMS
from lineage_diff.render.groups.names import common_name, family_of
from lineage_diff.report.answers import Trace
from lineage_diff.report.change import StageChange
from lineage_diff.report.reasons import NOTES, STALE, UNKNOWN, Reason

# Fewer reasons that look the same are listed; of those that leave a stage unknown, fewer than two.
LEAST = 3
_LEAST_UNKNOWN = 2
# The subject of these is the stage itself.
_OF_STAGE = frozenset(("never-run", "command-changed"))


class ReasonGroup(Struct, frozen=True):
    """Reasons of one kind. `name` is the subject, or what several subjects share.

    `stages` counts the stages, among those of the row, that have one of them.
    """

    name: str
    reasons: tuple[Reason, ...]
    stages: int

    @property
    def first(self) -> Reason:
        """The reason that stands for all."""
        return self.reasons[0]


def reason_groups(stages: Sequence[StageChange | Trace]) -> list[ReasonGroup]:
    """Return the reasons of the stages of a row: those that make them stale before all others."""
    found: dict[Hashable, Reason] = {}
    having: dict[Hashable, set[int]] = defaultdict(set)
    for place, stage in enumerate(stages):
        for reason in stage.reasons:
            key = _identity(reason)
            found.setdefault(key, reason)
            having[key].add(place)
    namesakes = Counter(map(_namesake, found.values()))
    likenesses = {
        key: same if namesakes[same := _namesake(reason)] >= LEAST else _likeness(reason)
        for key, reason in found.items()
    }
    counts = Counter(likenesses.values())
    groups: dict[Hashable, list[Hashable]] = defaultdict(list)
    for key, reason in found.items():
        likeness = likenesses[key]
        least = _LEAST_UNKNOWN if reason.kind in UNKNOWN else LEAST
        least = LEAST_PARAMS if reason.kind == "param-changed" else least
        groups[likeness if counts[likeness] >= least else key].append(key)
    merged = [
        _group([found[key] for key in keys], [having[key] for key in keys])
        for keys in groups.values()
    ]
    return sorted(merged, key=lambda group: _weight(group.first))


def _group(reasons: Sequence[Reason], having: Sequence[set[int]]) -> ReasonGroup:
    families = {family_of(reason.subject) for reason in reasons}
    family = families.pop() if len(families) == 1 and len(reasons) > 1 else None
    name = family or common_name([reason.subject for reason in reasons])
    return ReasonGroup(name, tuple(reasons), len(set().union(*having)))


def _identity(reason: Reason) -> Hashable:
    return (reason.kind, reason.subject, repr(reason.actual), repr(reason.locked))


def _likeness(reason: Reason) -> Hashable:
    if reason.kind in _OF_STAGE:
        return reason.kind
    if reason.kind in UNKNOWN:
        return (reason.kind, reason.detail)
    folder, _, name = reason.subject.rpartition("/")
    file, colon, key = reason.subject.partition(":")
    place = (file, key.rpartition(".")[0]) if colon else (folder, name.rpartition(".")[2])
    return (reason.kind, reason.detail, family_of(reason.subject) or place)


def _namesake(reason: Reason) -> Hashable:
    """Return what reasons share that name one file in folders side by side."""
    folder, _, name = reason.subject.rpartition("/")
    if reason.kind in _OF_STAGE or reason.kind in UNKNOWN or ":" in reason.subject or not folder:
        return _likeness(reason)
    return (reason.kind, reason.detail, folder.rpartition("/")[0], name)


def _weight(reason: Reason) -> int:
    """Return the rank of a reason: it makes stale, an upstream stage does, unknown, a note."""
    ranks = ((STALE, 0), (UNKNOWN, 2), (NOTES, 3))
    return next((rank for kinds, rank in ranks if reason.kind in kinds), 1)
