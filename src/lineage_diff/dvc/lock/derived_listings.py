"""Listings that hashes of files in the commits prove, though only DVC's cache holds them.

A directory's hash is that of the list of its files. Where the files that a commit knew there have
the recorded hash together, they are what the directory holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

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
    folders = sorted(used)[:_FOLDERS]
    if not folders:
        return {}
    recorded = _Recorded(
        _in_folders(folders, (dep for stage in stages for dep in stage.deps)),
        _in_folders(folders, (out for stage in earlier for out in stage.outs)),
        list(before.files()) if before is not None else [],
    )
    found: dict[str, Listing] = {}
    for folder in folders:
        version = outs[folder]
        hash_ = version.hash if version is not None else None
        if version is None or hash_ is None or hash_.algorithm not in ALGORITHMS:
            continue
        for files in _candidates(folder, version, recorded, before):
            if len(files) <= _MOST and folder_hash(files) == hash_.value:
                listed = {name: Hash(hash_.algorithm, files[name]) for name in sorted(files)}
                found[folder] = with_folders(Listing(listed), used[folder])
                break
    return found


class _Recorded(Struct, frozen=True):
    """What is recorded in directories, by directory: `locked` for deps, `outs` of the base.

    `paths` are the files of the base, sorted.
    """

    locked: Mapping[str, Hashes]
    outs: Mapping[str, Hashes]
    paths: list[str]


def _candidates(
    folder: str, version: Version, recorded: _Recorded, before: Snapshot | None
) -> Iterator[Hashes]:
    """Yield what a directory may hold: files of the locks, those of the earlier commit, or both."""
    locked, outs = recorded.locked.get(folder, {}), recorded.outs.get(folder, {})
    yield locked
    if before is None:
        return
    yield outs
    yield {**outs, **locked}
    in_git = _in_git(folder, version, before, recorded.paths, len(outs))
    for left_out in ({_GITIGNORE}, set[str]()):
        held = {k: v for k, v in in_git.items() if k.rpartition("/")[2] not in left_out}
        yield {**held, **outs}
        yield {**held, **outs, **locked}


def _in_folders(folders: Iterable[str], items: Iterable[Dep | Out]) -> dict[str, dict[str, str]]:
    """Return, by folder, the recorded hashes of the files in it, by path in it."""
    found: dict[str, dict[str, str]] = {folder: {} for folder in folders}
    for item in items:
        version = item.locked
        if version is None or version.hash is None:
            continue
        for folder in ancestors(item.path):
            if folder in found:
                name = item.path[len(folder) + 1 :]
                if version.files is not None:
                    listed = {f"{name}/{inner}": hash_.value for inner, hash_ in version.files}
                    found[folder] |= listed
                elif not version.hash.is_dir:
                    found[folder][name] = version.hash.value
    return found


def _in_git(
    folder: str, version: Version, before: Snapshot, all_paths: list[str], outs: int
) -> dict[str, str]:
    """Return the hashes of the files that Git held in a directory, without DVC's own files."""
    files = before.files()
    paths = [
        path
        for path in inside(all_paths, folder)
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
