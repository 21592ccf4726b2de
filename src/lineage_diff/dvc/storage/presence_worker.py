"""Look for objects in a remote, by DVC's own storage classes. Runs in the worker process.

`dvc_objects.db.ObjectDB.oids_exist` chooses between asking for each object and listing the remote
by prefixes. Two of its answers are not used: of a folder, because it reads and may delete objects
that it finds changed; and of `fsspec`'s `exists`, which takes any error for a missing object.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lineage_diff import limits

_HTTP = ("http", "https")
_BUCKETS = ("s3", "s3a", "gs", "gcs", "abfs", "az")


class NoStoreError(Exception):
    """The folder or bucket of a remote does not exist, so nothing can be said of its objects."""


def find_present(store: Any, values: Sequence[str]) -> Iterator[tuple[Sequence[str], list[str]]]:
    """Yield the `values`, part by part, and those of the part that the store has.

    `store` is a `dvc_data.hashfile.db.HashFileDB` of a remote. Raises `NoStoreError`, and what the
    storage's plugin raises.
    """
    is_there = False
    for asked, found in _look_for(store, values):
        if len(found) < len(asked) and not is_there:
            if not _is_there(store):
                raise NoStoreError
            is_there = True
        yield asked, found


def is_versioned(remote: Any) -> bool:
    """Return whether a `dvc.data_cloud.Remote` keeps files by the versions of its cloud."""
    return bool(remote.worktree or remote.fs.version_aware)


def missing_versions(remote: Any, versions: Sequence[tuple[str, str]]) -> list[str]:
    """Return the paths whose version a versioned remote lacks; all are asked for in parallel.

    Raises `NoStoreError`, and what the storage's plugin raises.
    """
    fs = remote.fs
    places = [fs.version_path(fs.join(remote.path, path), id_) for path, id_ in versions]
    found = strict_exists(fs)(places)
    missing = [path for (path, _), there in zip(versions, found, strict=True) if not there]
    if missing and not _is_there(remote):
        raise NoStoreError
    return missing


def _look_for(store: Any, values: Sequence[str]) -> Iterator[tuple[Sequence[str], list[str]]]:
    if store.fs.protocol != "local":
        store.fs.exists = strict_exists(store.fs)
        if len(values) > limits.ASKED_ONE_BY_ONE and store.fs.CAN_TRAVERSE:
            yield values, sorted(store.oids_exist(values))
            return
    for start in range(0, len(values), limits.ASKED_ONE_BY_ONE):
        part = values[start : start + limits.ASKED_ONE_BY_ONE]
        if store.fs.protocol == "local":
            yield part, [value for value in part if Path(store.oid_to_path(value)).is_file()]
        else:
            yield part, list(store.list_oids_exists(part))


def _is_there(store: Any) -> bool:
    """Return whether the place of a store exists.

    That is a folder, its parent before a first push, or a bucket. True for other storage, where it
    is unknown.
    """
    path = store.path
    if store.fs.protocol == "local":
        # `files/md5` below the remote's folder, which DVC makes with the first push.
        return any(folder.is_dir() for folder in _local_folders(Path(path)))
    if store.fs.protocol in _BUCKETS:
        return bool(store.fs.fs.exists(path.lstrip("/").partition("/")[0]))
    return True


def _local_folders(path: Path) -> tuple[Path, Path]:
    folder = path.parent.parent if path.parts[-2:] == ("files", "md5") else path
    return folder, folder.parent


def strict_exists(fs: Any) -> Callable[..., Any]:
    """Return a replacement of `exists` of a `dvc_objects.fs.base.FileSystem`.

    Only "not found" makes an object missing; every other error is raised.
    """

    async def known(path: str) -> bool:
        try:
            if fs.protocol in _HTTP:
                return bool(await fs.fs._exists(path, strict=True))
            await fs.fs._info(path)
        except FileNotFoundError:
            return False
        return True

    async def all_known(paths: Iterable[str], jobs: int) -> list[bool]:
        # Imported here: a worker may need only part of DVC.
        from dvc_objects.executors import batch_coros

        return list(await batch_coros([known(path) for path in paths], batch_size=jobs))

    def known_here(path: str) -> bool:
        try:
            fs.fs.info(path)
        except FileNotFoundError:
            return False
        return True

    def exists(
        path: str | list[str], callback: object = None, batch_size: int | None = None
    ) -> bool | list[bool]:
        paths = [path] if isinstance(path, str) else path
        jobs = batch_size or fs.jobs
        if fs.fs.async_impl:
            found = asyncio.run_coroutine_threadsafe(all_known(paths, jobs), fs.fs.loop).result()
        else:
            with ThreadPoolExecutor(max_workers=jobs) as executor:
                found = list(executor.map(known_here, paths))
        return found[0] if isinstance(path, str) else found

    return exists
