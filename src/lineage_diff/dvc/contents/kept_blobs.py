"""Find in Git what stages of the base made, and no stage of the head makes.

Blobs are the same content by their ids, whatever their paths; so are a file and a pointer of Git
LFS with its SHA-256, and a blob with the hash that DVC recorded. Of a folder, the files that look
like a model count, or all if none does: one that was added, edited or removed beside them changes
no model.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Literal, Protocol

from msgspec import Struct

from lineage_diff.dvc.hashes import ALGORITHMS, MD5, file_hash
from lineage_diff.git.blobs import lfs_target
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import inside
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.models import by_convention
from lineage_diff.lineage.stage import Out

_FILES = frozenset(("file", "executable"))
# Fewer bytes, such as `{}`, are the same in files that have nothing to do with each other.
_LEAST = 8
# Bytes that are hashed, and files that may be pointers: a second of work each.
_BYTES, _POINTERS = 1 << 28, 20_000
# The sizes of pointers: with a name of 64 digits, and as Git LFS reads them.
_LEAST_POINTER, _MOST_POINTER = 100, 1023


class Blobs(Protocol):
    """The interface of a Git repository."""

    def sizes(self, oids: Iterable[str]) -> Mapping[str, int]:
        """Return the bytes of objects by id, without those that this clone lacks."""

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs, without the missing ones."""


class _Made(Struct, frozen=True):
    """What Git holds of an out in the base: blob ids by path, with one file its own."""

    path: str
    files: Mapping[str, str]


class _Place(Struct, frozen=True):
    """Where the head keeps a blob of the base."""

    path: str
    by: Literal["Git", "DVC"]


def kept_blobs(
    outs: Sequence[Out],
    head: Lineage,
    old: Snapshot,
    new: Snapshot,
    blobs: Blobs,
    tracked: Mapping[str, str],
) -> dict[str, Kept]:
    """Return where the head keeps outs that Git held in the base, by their paths there.

    `outs` are those that no stage of the head makes at their paths; `old` and `new` are the files
    of the two commits; `tracked` are paths by hash at which the head's `.dvc` files have files.
    A file that is the same at the same path in both is not counted, unless it is of the out: the
    change does not keep it there.
    """
    made = list(_made(outs, old))
    if not made:
        return {}
    own = {path for one in made for path in one.files}
    wanted = {oid for one in made for oid in one.files.values()}
    produced = _Produced(head)
    places: dict[str, _Place] = {}
    for path, oid in _files(new, wanted.__contains__):
        if oid in places or (path not in own and _is_as_before(path, oid, old)):
            continue
        if not produced.has(path):
            places[oid] = _Place(path, "Git")
    sizes = blobs.sizes(sorted(wanted))
    absent = {oid: sizes[oid] for oid in sorted(wanted - places.keys()) if oid in sizes}
    absent = {oid: size for oid, size in absent.items() if size >= _LEAST}
    if absent:
        fresh = _fresh(old, new, produced)
        places |= _by_content(absent, fresh, blobs, tracked)
    found = {one.path: _kept(one, places, sizes) for one in made} if places else {}
    return {path: kept for path, kept in found.items() if kept is not None}


def kept_in_blobs(
    outs: Sequence[Out], head: Lineage, old: Snapshot, new: Snapshot, blobs: Blobs
) -> dict[str, Kept]:
    """Return where Git keeps outs that DVC kept in the base, by their paths there.

    The outs are files of a recorded size, and a blob that the head adds has their hash.
    """
    wanted: dict[int, list[tuple[str, str, str]]] = {}
    for out in outs:
        version = out.locked
        hash_ = version.hash if version is not None else None
        if version is None or hash_ is None or hash_.is_dir or hash_.algorithm not in ALGORITHMS:
            continue
        if version.size is not None and version.size >= _LEAST:
            wanted.setdefault(version.size, []).append((out.path, hash_.algorithm, hash_.value))
    if not wanted:
        return {}
    fresh = _fresh(old, new, _Produced(head))
    asked = [oid for oid, size in blobs.sizes(sorted(fresh)).items() if size in wanted]
    found: dict[str, Kept] = {}
    for oid, content in _read(blobs, asked):
        hashes = {name: file_hash(content, name) for name in ALGORITHMS}
        for path, algorithm, value in wanted.get(len(content), ()):
            if hashes[algorithm] == value:
                found.setdefault(path, Kept(fresh[oid], False, "Git"))
    return found


def _files(files: Snapshot, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield the paths and blob ids of the files with wanted ids."""
    for path, entry in files.files().items():
        if is_wanted(entry.oid) and entry.kind in _FILES:
            yield path, entry.oid


def _is_as_before(path: str, oid: str, old: Snapshot) -> bool:
    before = old.files().get(path)
    return before is not None and before.oid == oid


class _Produced:
    """The paths that outs of a commit have, and what lies in them; each folder is asked once."""

    def __init__(self, lineage: Lineage) -> None:
        self._outs = {out.path for stage in lineage.stages for out in stage.outs}
        self._folders: dict[str, bool] = {"": False}

    def has(self, path: str) -> bool:
        """Whether an out is at a path or around it."""
        if path in self._outs:
            return True
        pending: list[str] = []
        folder = path.rpartition("/")[0]
        while folder not in self._folders:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        found = self._folders[folder]
        for inner in reversed(pending):
            found = found or inner in self._outs
            self._folders[inner] = found
        return found


def _fresh(old: Snapshot, new: Snapshot, produced: _Produced) -> dict[str, str]:
    """Return the first path of each blob that the head has at a new place, without a stage."""
    found: dict[str, str] = {}
    for path, oid in _files(new, lambda _: True):
        is_fresh = oid not in found and not _is_as_before(path, oid, old)
        if is_fresh and not produced.has(path):
            found[oid] = path
    return found


def _by_content(
    absent: Mapping[str, int],
    fresh: Mapping[str, str],
    blobs: Blobs,
    tracked: Mapping[str, str],
) -> dict[str, _Place]:
    """Return where blobs of the base are kept in another form: as a pointer, or by DVC.

    `absent` are their sizes by id.
    """
    sizes = blobs.sizes(sorted(fresh))
    small = [oid for oid, size in sizes.items() if _LEAST_POINTER <= size <= _MOST_POINTER]
    pointers = {
        target: fresh[oid]
        for oid, content in _read(blobs, small[:_POINTERS])
        if (target := lfs_target(content)) is not None
    }
    lengths = {size for _, size in pointers}
    plain: dict[int, list[str]] = {}
    for oid, size in sizes.items():
        plain.setdefault(size, []).append(oid)
    found: dict[str, _Place] = {}
    asked = [
        oid for oid, size in absent.items() if tracked or size <= _MOST_POINTER or size in lengths
    ]
    for oid, content in _read(blobs, asked):
        path = tracked.get(file_hash(content, MD5))
        if path is not None:
            found[oid] = _Place(path, "DVC")
            continue
        target = lfs_target(content)
        name = target or (sha256(content).hexdigest(), len(content))
        path = pointers.get(name)
        if path is None and target is not None:
            same = (
                fresh[other]
                for other, text in _read(blobs, plain.get(target[1], ()))
                if sha256(text).hexdigest() == target[0]
            )
            path = next(same, None)
        if path is not None:
            found[oid] = _Place(path, "Git")
    return found


def _read(blobs: Blobs, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    left = _BYTES
    for oid, content in blobs.read_oids(oids):
        left -= len(content)
        if left < 0:
            return
        yield oid, content


def _made(outs: Sequence[Out], old: Snapshot) -> Iterator[_Made]:
    paths: list[str] = []
    # Outs inside of outs are none of DVC's: each file counts once.
    left = len(old.files())
    for out in outs:
        entry = old.entry(out.path)
        if entry is None:
            continue
        if entry.kind in _FILES:
            yield _Made(out.path, {out.path: entry.oid})
        elif entry.kind == "directory":
            paths = paths or list(old.files())
            below = [path for path in inside(paths, out.path) if old.files()[path].kind in _FILES]
            left -= len(below)
            if left < 0:
                return
            models = [path for path in below if by_convention(path)]
            yield _Made(out.path, {path: old.files()[path].oid for path in models or below})


def _kept(made: _Made, places: Mapping[str, _Place], sizes: Mapping[str, int]) -> Kept | None:
    """Return where an out is kept, if that is at least half of its bytes."""
    oids = made.files.values()
    # A partial clone may lack some: then each file counts alike.
    weights = sizes if all(oid in sizes for oid in oids) else dict.fromkeys(oids, _LEAST)
    kept = {oid: weights[oid] for oid in oids if oid in places}
    total = sum(weights[oid] for oid in oids)
    size = sum(weights[oid] for oid in oids if oid in kept)
    if size < _LEAST or 2 * size < total:
        return None
    largest = max(kept, key=lambda oid: (kept[oid], places[oid].path))
    place = places[largest]
    return Kept(place.path, made.files.keys() != {made.path}, place.by)
