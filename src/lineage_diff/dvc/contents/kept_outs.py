"""Find where the head keeps what stages of the base made, and no stage of the head makes.

DVC keeps it if a `.dvc` file has its hash, or a directory of one lists it. Such a listing is known
from the commit or the storage, or its hash is that of outs of the base. `kept_blobs` finds what Git
keeps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage_diff.dvc.contents.kept_blobs import Blobs, kept_blobs, kept_in_blobs
from lineage_diff.dvc.hashes import folder_hash
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import inside, value_around
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.models import by_convention
from lineage_diff.lineage.stage import Out

_DIR = ".dir"
# Files of all directories that are compared: a second of work.
_PARTS = 1_000_000
# The hashes of an empty file and of an empty folder.
_EMPTY = frozenset(("d41d8cd98f00b204e9800998ecf8427e", "d751713988987e9331980363e24189ce.dir"))

Gone = Sequence[Sequence[Out]]
"""The outs of each stage of the base that no stage of the head makes at their paths."""


def kept_outs(
    gone: Gone, base: CommitState, head: CommitState, old: Snapshot, new: Snapshot, blobs: Blobs
) -> dict[str, Kept]:
    """Return where the head keeps the outs of gone stages, by their paths in the base.

    `old` and `new` are the files of the two commits, `blobs` reads the repository.
    """
    tracked = _tracked(base.lineage, head.lineage)
    listed = dict(_listed(gone, base.lineage, tracked, head.evidence.listings))
    places = {value: path for path, value in tracked.items()}
    for folder, files in listed.items():
        places |= {value: f"{folder}/{name}" for name, value in files.items()}
    found = {
        out.path: Kept(places[value], value.endswith(_DIR), "DVC")
        for outs in gone
        for out in outs
        if (value := _value(out)) in places and value is not None
    }
    found |= _split(gone, tracked)
    found |= _imported(gone, base.lineage, head.lineage)
    outs = [out for some in gone for out in some if out.path not in found]
    found |= kept_blobs(outs, head.lineage, old, new, blobs, places)
    left = [out for out in outs if out.path not in found and _value(out) is not None]
    found |= kept_in_blobs(left, head.lineage, old, new, blobs)
    rest = [out for out in left if out.path not in found]
    return found | dict(_perhaps(rest, tracked, listed, base.evidence.listings, old))


def _tracked(base: Lineage, head: Lineage) -> dict[str, str]:
    """Return the hashes of the outs of `.dvc` files that the head adds or edits, by path."""
    before = {out.path: _value(out) for stage in base.stages for out in stage.outs}
    return {
        out.path: value
        for stage in head.stages
        if stage.is_dvcfile
        for out in stage.outs
        if (value := _value(out)) is not None and before.get(out.path) != value
    }


def _listed(
    gone: Gone, base: Lineage, tracked: Mapping[str, str], listings: Mapping[str, Listing]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield directories of `.dvc` files with the hashes of their files by path in them."""
    folders = {path: value for path, value in tracked.items() if value.endswith(_DIR)}
    if not folders:
        return
    by_hash: dict[str, Mapping[str, str]] = {}
    for outs in gone:
        for some in (outs, *((out,) for out in outs)):
            names = {out.path.rpartition("/")[2]: _value(out) or "" for out in some}
            by_hash[folder_hash(names)] = names
    before = {
        out.path: value
        for stage in base.stages
        for out in stage.outs
        if (value := _value(out)) is not None
    }
    paths, left = sorted(before), _PARTS
    for folder, value in folders.items():
        listing = listings.get(folder)
        if listing is not None and listing.unknown is None:
            yield folder, {name: hash_.value for name, hash_ in listing.files.items()}
        elif value in by_hash:
            yield folder, by_hash[value]
        else:
            below = inside(paths, folder)
            left -= len(below)
            if left < 0:
                return
            files = {path[len(folder) + 1 :]: before[path] for path in below}
            if files and folder_hash(files) == value:
                yield folder, files


def _split(gone: Gone, tracked: Mapping[str, str]) -> dict[str, Kept]:
    """Return the directories of which `.dvc` files keep the files, all of them."""
    folders = {
        value: out.path
        for outs in gone
        for out in outs
        if (value := _value(out)) is not None and value.endswith(_DIR)
    }
    found: dict[str, Kept] = {}
    for parts in _groups(folders.values(), tracked) if folders else ():
        made = folders.get(folder_hash({name: value for name, (value, _) in parts.items()}))
        if made is not None:
            found.setdefault(made, Kept(parts[min(parts)][1], True, "DVC"))
    return found


def _imported(gone: Gone, base: Lineage, head: Lineage) -> dict[str, Kept]:
    """Return the outs that the head imports from the same path of a repository, without a hash."""
    before = {out.path for stage in base.stages for out in stage.outs}
    imports = {
        stage.imported.path: out.path
        for stage in head.stages
        if stage.imported is not None and stage.imported.kind == "repo"
        for out in stage.outs
        if out.path not in before and (out.locked is None or out.locked.hash is None)
    }
    outs = (out for some in gone for out in some if out.path in imports)
    return {out.path: Kept(imports[out.path], False, "DVC") for out in outs}


def _perhaps(
    outs: Iterable[Out],
    tracked: Mapping[str, str],
    listed: Mapping[str, Mapping[str, str]],
    before: Mapping[str, Listing],
    old: Snapshot,
) -> Iterator[tuple[str, Kept]]:
    """Yield the outs that a directory at their path, or around it, may hold still.

    `listed` are the directories whose files are known at the head, `before` those of the base.
    """
    folders = {path: path for path, value in tracked.items() if value.endswith(_DIR)}
    for out in outs if folders else ():
        folder = value_around(out.path, folders)
        value = _value(out)
        if folder is None or value is None or (folder == out.path and not value.endswith(_DIR)):
            continue
        files, listing = listed.get(folder), before.get(out.path)
        if files is None:
            yield out.path, Kept(folder, folder == out.path, "DVC", is_sure=False)
        elif value.endswith(_DIR) and old.entry(out.path) is None:
            if listing is None or listing.unknown is not None:
                yield out.path, Kept(folder, True, "DVC", is_sure=False)
            elif _has_half(listing, files):
                yield out.path, Kept(folder, True, "DVC")


def _has_half(listing: Listing, files: Mapping[str, str]) -> bool:
    """Whether half of a directory's files that look like a model, or else of all, are there."""
    models = [name for name in listing.files if by_convention(name)] or list(listing.files)
    there = frozenset(files.values())
    return 2 * sum(listing.files[name].value in there for name in models) >= len(models)


def _groups(
    folders: Iterable[str], tracked: Mapping[str, str]
) -> Iterator[Mapping[str, tuple[str, str]]]:
    """Yield the files of `.dvc` files that may be a folder: of one of these, or of any one.

    Each by its path in the folder, with its hash and its path.
    """
    paths, left = sorted(tracked), _PARTS
    for folder in folders:
        below = inside(paths, folder)
        left -= len(below)
        if left < 0:
            break
        yield {path[len(folder) + 1 :]: (tracked[path], path) for path in below}
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
