"""Find where the head keeps what stages of the base made, and no stage of the head makes.

In Git, blobs are the same content by their ids, whatever their paths. Of a folder, the files that
look like a model count, or all if none does: one that was added, edited or removed beside them
changes no model. In DVC, a file is known by its hash in the listing of a `.dvc` file's directory;
the listing is known from the commit or the storage, or its hash is that of outs of the base.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from lineage_diff.dvc.hashes import folder_hash
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.graph import inside, value_around
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.models import by_convention
from lineage_diff.lineage.stage import Out, Stage

Sizes = Callable[[Iterable[str]], Mapping[str, int]]

_FILES = frozenset(("file", "executable"))
# Fewer bytes, such as `{}`, are the same in files that have nothing to do with each other.
_LEAST = 8
_DIR = ".dir"
# The hashes of an empty file and of an empty folder.
_EMPTY = frozenset(("d41d8cd98f00b204e9800998ecf8427e", "d751713988987e9331980363e24189ce.dir"))


class _Made(Struct, frozen=True):
    """What Git holds of an out in the base: blob ids by path, with one file its own."""

    path: str
    files: Mapping[str, str]


def kept_in_dvc(
    gone: Sequence[Sequence[Out]],
    base: Sequence[Stage],
    head: Sequence[Stage],
    listings: Mapping[str, Listing],
) -> dict[str, Kept]:
    """Return where `.dvc` files of the head keep outs of gone stages, by the paths of the outs.

    `gone` are the outs of each stage of the base that no stage of the head makes at their paths.
    `listings` are those of the head that are known.
    """
    wanted = {value: out.path for outs in gone for out in outs if (value := _value(out))}
    before = {out.path: value for stage in base for out in stage.outs if (value := _value(out))}
    known = frozenset(before.values())
    tracked = {
        out.path: value
        for stage in head
        if stage.is_dvcfile
        for out in stage.outs
        if (value := _value(out)) and value not in known
    }
    if not tracked or not wanted:
        return {}
    found: dict[str, Kept] = {}
    for folder, files in _listed(gone, before, tracked, listings):
        for name, value in files.items():
            if value in wanted:
                found.setdefault(wanted[value], Kept(f"{folder}/{name}", False, "DVC"))
    splits = {value: path for value, path in wanted.items() if value.endswith(_DIR)}
    for parts in _groups(splits.values(), tracked) if splits else ():
        made = splits.get(folder_hash({name: value for name, (value, _) in parts.items()}))
        if made is not None:
            found.setdefault(made, Kept(parts[min(parts)][1], True, "DVC"))
    return found


def _listed(
    gone: Sequence[Sequence[Out]],
    before: Mapping[str, str],
    tracked: Mapping[str, str],
    listings: Mapping[str, Listing],
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the directories of `.dvc` files with the hashes of their files by path in them."""
    by_hash: dict[str, Mapping[str, str]] = {}
    for outs in gone:
        for some in (outs, *((out,) for out in outs)):
            names = {out.path.rpartition("/")[2]: _value(out) or "" for out in some}
            by_hash[folder_hash(names)] = names
    paths = sorted(before)
    for folder, value in tracked.items():
        listing = listings.get(folder)
        if listing is not None and listing.unknown is None:
            yield folder, {name: hash_.value for name, hash_ in listing.files.items()}
        elif value in by_hash:
            yield folder, by_hash[value]
        elif value.endswith(_DIR):
            start = len(folder) + 1
            files = {path[start:]: before[path] for path in inside(paths, folder)}
            if files and folder_hash(files) == value:
                yield folder, files


def _groups(
    folders: Iterable[str], tracked: Mapping[str, str]
) -> Iterator[Mapping[str, tuple[str, str]]]:
    """Yield the files of `.dvc` files that may be a folder: of one of these, or of any one.

    Each by its path in the folder, with its hash and its path.
    """
    paths = sorted(tracked)
    for folder in folders:
        start = len(folder) + 1
        yield {path[start:]: (tracked[path], path) for path in inside(paths, folder)}
    by_folder: dict[str, dict[str, tuple[str, str]]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        by_folder.setdefault(folder, {})[name] = tracked[path], path
    yield from by_folder.values()


def _value(out: Out) -> str | None:
    """Return the hash of an out, `None` if it has none or says nothing of who made it."""
    if out.external or out.locked is None or out.locked.hash is None:
        return None
    value = out.locked.hash.value
    return None if value in _EMPTY else value


def kept_in_git(
    outs: Sequence[Out], head: Lineage, old: Snapshot, new: Snapshot, sizes: Sizes
) -> dict[str, Kept]:
    """Return where Git keeps the outs in the head, by their paths; without those that it does not.

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
    return Kept(places[largest], made.files.keys() != {made.path}, "Git")
