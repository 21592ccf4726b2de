"""Listings that hashes of files in the commits prove, though only DVC's cache holds them.

A directory's hash is that of the list of its files. Where the files that a commit knew there have
the recorded hash together, they are what the directory holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage_diff.dvc.hashes import ALGORITHMS, file_hash, folder_hash
from lineage_diff.dvc.lock.recorded_listings import with_folders
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Hash, Version

_FILES = frozenset(("file", "executable"))
_GITIGNORE = ".gitignore"
# Directories, files of one, and bytes of those in Git: a second of work.
_FOLDERS, _MOST, _BYTES = 50, 20_000, 1 << 27

Hashes = Mapping[str, str]
"""The hashes of files by their paths in a directory."""


def derived_listings(
    stages: Sequence[Stage],
    undecided: Iterable[str],
    known: Mapping[str, Listing],
    earlier: Sequence[Stage] = (),
    before: Snapshot | None = None,
) -> dict[str, Listing]:
    """Return the listings around `undecided` deps of `stages` that hashes prove, by directory.

    The hashes are those in the locks of the stages, and those of an `earlier` commit with the files
    `before`: of its outs, and of what Git held. `known` are listings that are needed no more.
    """
    used: dict[str, set[str]] = {}
    outs = {out.path: out.locked for stage in stages for out in stage.outs}
    for path in undecided:
        folder = next((above for above in ancestors(path) if above in outs), None)
        if folder is not None and folder not in known:
            used.setdefault(folder, set()).add(path[len(folder) + 1 :])
    found: dict[str, Listing] = {}
    for folder in sorted(used)[:_FOLDERS]:
        version = outs[folder]
        hash_ = version.hash if version is not None else None
        if version is None or hash_ is None or hash_.algorithm not in ALGORITHMS:
            continue
        for files in _candidates(folder, version, stages, earlier, before):
            if len(files) <= _MOST and folder_hash(files) == hash_.value:
                listed = {name: Hash(hash_.algorithm, files[name]) for name in sorted(files)}
                found[folder] = with_folders(Listing(listed), used[folder])
                break
    return found


def _candidates(
    folder: str,
    version: Version,
    stages: Sequence[Stage],
    earlier: Sequence[Stage],
    before: Snapshot | None,
) -> Iterator[Hashes]:
    """Yield what a directory may hold: files of the locks, those of the earlier commit, or both."""
    locked = _recorded(folder, (dep for stage in stages for dep in stage.deps))
    yield locked
    if before is None:
        return
    outs = _recorded(folder, (out for stage in earlier for out in stage.outs))
    yield outs
    yield {**outs, **locked}
    in_git = _in_git(folder, version, before, len(outs))
    for left_out in ({_GITIGNORE}, set[str]()):
        held = {k: v for k, v in in_git.items() if k.rpartition("/")[2] not in left_out}
        yield {**held, **outs}
        yield {**held, **outs, **locked}


def _recorded(folder: str, items: Iterable[Dep | Out]) -> dict[str, str]:
    """Return the recorded hashes of the files of a directory, by path in it."""
    found: dict[str, str] = {}
    start = f"{folder}/"
    for item in items:
        version = item.locked
        if not item.path.startswith(start) or version is None or version.hash is None:
            continue
        name = item.path[len(start) :]
        if version.files is not None:
            found |= {f"{name}/{inner}": hash_.value for inner, hash_ in version.files}
        elif not version.hash.is_dir:
            found[name] = version.hash.value
    return found


def _in_git(folder: str, version: Version, before: Snapshot, outs: int) -> dict[str, str]:
    """Return the hashes of the files that Git held in a directory, without DVC's own files."""
    files = before.files()
    paths = [
        path
        for path in inside(list(files), folder)
        if files[path].kind in _FILES and not path.endswith(".dvc")
    ]
    # No more can be a part of it; with fewer it is not the whole of it.
    ignores = sum(path.rpartition("/")[2] == _GITIGNORE for path in paths)
    most = _MOST if version.nfiles is None else version.nfiles - outs + ignores
    if len(paths) > most:
        return {}
    hash_ = version.hash
    algorithm = hash_.algorithm if hash_ is not None else ""
    oids = {files[path].oid for path in paths}
    digests: dict[str, str] = {}
    left = _BYTES
    for oid, content in before.read_oids(sorted(oids)):
        left -= len(content)
        if left < 0:
            return {}
        digests[oid] = file_hash(content, algorithm)
    start = len(folder) + 1
    return {path[start:]: digests[files[path].oid] for path in paths if files[path].oid in digests}
