"""The causes of one row: those that all its models share, and those of some.

Causes that differ only in their subject, as the data of each stage of a `matrix`, are one line.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

from msgspec import Struct

from lineage_diff.render.groups.names import common_name, family_of
from lineage_diff.report.answers import HistoryStep
from lineage_diff.report.change import ModelChange
from lineage_diff.report.reasons import Cause

# Fewer causes that look the same are listed.
LEAST = 3
# A line for several params has no room for their values.
LEAST_PARAMS = 5
_KINDS = ("data", "import", "param", "code", "command", "structure", "environment")


class CauseGroup(Struct, frozen=True):
    """Causes of one kind and change. `name` is the subject, or what several subjects share.

    `only` are the places, among the models of the row, of those that it explains; empty for all.
    `all` is true if each of the causes is one of all models.
    """

    name: str
    causes: tuple[Cause, ...]
    only: tuple[int, ...] = ()
    all: bool = True


def by_kind(causes: Iterable[Cause]) -> list[Cause]:
    """Order causes by kind: data, params, code, then the rest."""
    return sorted(causes, key=lambda cause: (_KINDS.index(cause.kind), cause.subject))


def cause_groups(models: Sequence[ModelChange | HistoryStep]) -> list[CauseGroup]:
    """Return the causes of the models of a row, near ones before far ones: first those of all."""
    found: dict[Hashable, Cause] = {}
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, model in enumerate(models):
        for cause in model.causes:
            key = identity(cause)
            found.setdefault(key, cause)
            places[key].append(place)
    shared = [key for key in found if len(places[key]) == len(models)]
    rest = [key for key in found if len(places[key]) < len(models)]
    return [
        *_folded([(found[key], ()) for key in shared], len(models)),
        *_folded([(found[key], tuple(places[key])) for key in rest], len(models)),
    ]


def identity(cause: Cause) -> Hashable:
    """Return what two models must have in common to share a cause."""
    return (cause.kind, cause.subject, cause.change, repr(cause.old), repr(cause.new))


def _folded(found: list[tuple[Cause, tuple[int, ...]]], models: int) -> list[CauseGroup]:
    """Merge at least `LEAST` causes that look the same; keep the order of the first of each."""
    counts = Counter(_likeness(cause) for cause, _ in found)
    groups: dict[Hashable, list[tuple[Cause, tuple[int, ...]]]] = defaultdict(list)
    for place, (cause, only) in enumerate(found):
        likeness = _likeness(cause)
        least = LEAST_PARAMS if cause.kind == "param" else LEAST
        groups[likeness if counts[likeness] >= least else place].append((cause, only))
    merged = [_group(members, models) for members in groups.values()]
    return sorted(merged, key=lambda group: (_distance(group), _rank(group)))


def nearest(groups: Sequence[CauseGroup], most: int) -> list[CauseGroup]:
    """Return the first `most` groups in the order to print: shared ones before others, by kind."""
    return sorted(groups[:most], key=lambda group: (bool(group.only), _rank(group)))


def _group(members: list[tuple[Cause, tuple[int, ...]]], models: int) -> CauseGroup:
    only = sorted({place for _, places in members for place in places})
    causes = tuple(cause for cause, _ in members)
    some = tuple(only) if len(only) < models else ()
    return CauseGroup(_name(causes), causes, some, not only)


def _name(causes: Sequence[Cause]) -> str:
    families = {family_of(cause.subject) for cause in causes}
    if len(families) == 1 and (family := families.pop()):
        return family
    return common_name([cause.subject for cause in causes])


def _likeness(cause: Cause) -> Hashable:
    """Return what causes have in common that one line can stand for."""
    file, _, key = cause.subject.partition(":") if cause.kind == "param" else ("", "", "")
    section = (file, key.rpartition(".")[0])
    folder = cause.subject.rpartition("/")[0]
    suffix = cause.subject.rpartition(".")[2]
    where = family_of(cause.subject) or (section if file else (folder, suffix))
    return (cause.kind, cause.change, where)


def _distance(group: CauseGroup) -> int:
    return min(len(cause.via) for cause in group.causes)


def _rank(group: CauseGroup) -> tuple[int, str]:
    return (_KINDS.index(group.causes[0].kind), group.causes[0].subject)
