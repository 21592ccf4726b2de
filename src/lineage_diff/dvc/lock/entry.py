"""Build a stage's lock entry from loaded YAML.

Also reads the hash, size and count of one item of `dvc.lock` or a `.dvc` file. The rules are those
of `dvc.output.Output`: `merge_file_meta_from_cloud`, `_compute_hash_info_from_meta` and
`_compute_meta_hash_info_from_files`.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import Any

from msgspec.structs import replace

from lineage_diff.dvc.lock.datasets import SCHEME, dataset_version
from lineage_diff.lineage.paths import is_inner_path
from lineage_diff.lineage.stage import Command, LockEntry
from lineage_diff.lineage.version import Hash, Version

_CLOUD_NAMES = ("etag", "checksum", "version_id", "md5")
# The key of a hash in a listing, where it is not its name.
_FIELD = {"md5-dos2unix": "md5"}


def is_external(path: str) -> bool:
    """Return whether a path is outside the repository: a URL, `/…` or `../…`."""
    return "://" in path or path.startswith(("/", "../")) or path == ".."


def version_of(item: Mapping[str, Any], external: bool = False) -> Version | None:
    """Return the version that an item records, `None` when it records none.

    Without a `hash` field, DVC 2 hashed a path in the repository as `md5-dos2unix`. An external
    path has an `etag`, `checksum` or `version_id` of its cloud.
    """
    item = merge_cloud_fields(item)
    files = item.get("files")
    if isinstance(files, list) and files:
        return _version_of_files(files, item.get("hash"), external)
    size, nfiles = _count(item.get("size")), _count(item.get("nfiles"))
    found = _hash_of(item, external)
    if found is None and size is None and nfiles is None:
        return None
    return Version(found, size, nfiles)


def locked_version(item: Mapping[str, Any], path: str) -> Version:
    """Return the version that a lock's item records of a path; it may be empty."""
    if path.startswith(SCHEME):
        return dataset_version(item.get("dataset")) or Version(None)
    return version_of(item, "://" in path or path.startswith("/")) or Version(None)


def _hash_of(item: Mapping[str, Any], external: bool) -> Hash | None:
    scheme = item.get("hash")
    if not external:
        value = item.get("md5" if scheme is None else scheme)
        if value:
            return Hash("md5-dos2unix" if scheme is None else str(scheme), _text(value))
    for name in _CLOUD_NAMES:
        if value := item.get(name):
            return Hash(name, str(value))
    return None


def _text(value: object) -> str:
    # DVC's CHECKSUM_SCHEMA turns an unquoted number into text, and makes it lower case.
    return str(value).lower()


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _version_of_files(files: list[Any], scheme: object, external: bool) -> Version:
    """Return the version of a directory whose files are listed.

    As in DVC (`dvc_data.hashfile.tree.Tree.digest`), the hash is the MD5 of the sorted listing,
    also without a `hash:`; that of the files is then `md5-dos2unix`.
    """
    items = [
        item for item in map(merge_cloud_fields, files) if isinstance(item.get("relpath"), str)
    ]
    found = {item["relpath"]: _hash_of({**item, "hash": scheme}, external) for item in items}
    hashes = {path: hash_ for path, hash_ in found.items() if hash_ is not None}
    sizes = [_count(item.get("size")) for item in items]
    whole = len(hashes) == len(files)
    return Version(
        replace(hash_of_files(hashes), algorithm="md5") if whole else None,
        sum(size for size in sizes if size),
        len(files),
        tuple(sorted(hashes.items())) if whole and all(map(is_inner_path, hashes)) else None,
    )


def merge_cloud_fields(item: object) -> Mapping[str, Any]:
    """Return an item with the fields of its first remote (`merge_file_meta_from_cloud`)."""
    if not isinstance(item, dict):
        return {}
    cloud = item.get("cloud")
    first = next(iter(cloud.values())) if isinstance(cloud, dict) and cloud else None
    return {**item, **first} if isinstance(first, dict) else item


def hash_of_files(files: Mapping[str, Hash]) -> Hash:
    """Return a directory's hash from those of its files, by path relative to it; at least one."""
    listing = [
        {_FIELD.get(files[path].algorithm, files[path].algorithm): files[path].value}
        | {"relpath": path}
        for path in sorted(files)
    ]
    digest = md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    return Hash(next(iter(files.values())).algorithm, f"{digest}.dir")


def lock_entry(item: Any, line: int | None) -> LockEntry | None:
    """Build a stage's entry from its loaded block; `None` if DVC's schema refuses it."""
    if not isinstance(item, dict) or not item.keys() <= {"cmd", "deps", "params", "outs"}:
        return None
    cmd = command(item.get("cmd"))
    deps, outs = _versions(item.get("deps", ())), _versions(item.get("outs", ()))
    params = item.get("params", {})
    if cmd is None or deps is None or outs is None or not isinstance(params, dict):
        return None
    if not all(isinstance(values, dict) for values in params.values()):
        return None
    return LockEntry(cmd, deps, outs, params, line)


def command(value: Any) -> Command:
    """Return a command as text, or a list as a tuple; `None` for anything else."""
    if isinstance(value, list):
        return tuple(str(part) for part in value)
    return value if isinstance(value, str) else None


def _versions(items: Iterable[Any]) -> dict[str, Version] | None:
    if not isinstance(items, list | tuple):
        return None
    versions: dict[str, Version] = {}
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("path"), str):
            return None
        versions[item["path"]] = locked_version(item, item["path"])
    return versions
