"""Find where Git keeps what stages of the base made, and no stage of the head makes.

Blobs are the same content by their ids, whatever their paths. Of a folder, the files that look like
a model count, or all if none does: one that was added, edited or removed beside them changes no
model.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import inside, value_around
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.models import by_convention
from lineage_diff.lineage.stage import Out

Sizes = Callable[[Iterable[str]], Mapping[str, int]]

_FILES = frozenset(("file", "executable"))
# Fewer bytes, such as `{}`, are the same in files that have nothing to do with each other.
_LEAST = 8


class _Made(Struct, frozen=True):
    """What Git holds of an out in the base: blob ids by path, with one file its own."""

    path: str
    files: Mapping[str, str]


def kept_outs(
    outs: Sequence[Out], head: Lineage, old: Snapshot, new: Snapshot, sizes: Sizes
) -> dict[str, Kept]:
    """Return where the head keeps the outs, by their paths; without those that it does not.

    `outs` are those of the base that no stage of the head makes at their paths. `old` and `new`
    are the files of the two commits; `sizes` returns the bytes of blobs in this clone, by id.
    A file that is the same at the same path in both is not counted, unless it is of the out: the
    change does not keep it there.
    """
    made = list(_made(outs, old))
    if not made:
        return {}
    producers = {out.path: True for stage in head.stages for out in stage.outs}
    own = {path for one in made for path in one.files}
    wanted = {oid for one in made for oid in one.files.values()}
    before, places = old.files(), dict[str, str]()
    for path, entry in new.files().items():
        if entry.oid not in wanted or entry.kind not in _FILES or entry.oid in places:
            continue
        same = before.get(path)
        if path not in own and same is not None and same.oid == entry.oid:
            continue
        if value_around(path, producers) is None:
            places[entry.oid] = path
    if not places:
        return {}
    known = sizes(sorted(wanted))
    found = {one.path: _kept(one, places, known) for one in made}
    return {path: kept for path, kept in found.items() if kept is not None}


def _made(outs: Sequence[Out], old: Snapshot) -> Iterable[_Made]:
    paths: list[str] = []
    for out in outs:
        entry = old.entry(out.path)
        if entry is None:
            continue
        if entry.kind in _FILES:
            yield _Made(out.path, {out.path: entry.oid})
        elif entry.kind == "directory":
            paths = paths or list(old.files())
            below = [path for path in inside(paths, out.path) if old.files()[path].kind in _FILES]
            models = [path for path in below if by_convention(path)]
            yield _Made(out.path, {path: old.files()[path].oid for path in models or below})


def _kept(made: _Made, places: Mapping[str, str], sizes: Mapping[str, int]) -> Kept | None:
    """Return where an out is kept, if that is at least half of its bytes."""
    oids = made.files.values()
    # A partial clone may lack some: then each file counts alike.
    weights = sizes if all(oid in sizes for oid in oids) else dict.fromkeys(oids, _LEAST)
    kept = {oid: weights[oid] for oid in oids if oid in places}
    total = sum(weights[oid] for oid in oids)
    size = sum(weights[oid] for oid in oids if oid in kept)
    if size < _LEAST or 2 * size < total:
        return None
    largest = max(kept, key=lambda oid: (kept[oid], places[oid]))
    return Kept(places[largest], made.files.keys() != {made.path})
