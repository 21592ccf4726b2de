"""Build a stage's lock entry from loaded YAML.

Also reads the hash, size and count of one item of `dvc.lock` or a `.dvc` file. The rules are those
of `dvc.output.Output`: `merge_file_meta_from_cloud`, `_compute_hash_info_from_meta` and
`_compute_meta_hash_info_from_files`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lineage_diff.dvc.lock.datasets import SCHEME, dataset_version
from lineage_diff.lineage.stage import Command, LockEntry
from lineage_diff.lineage.version import Hash, Version

_CLOUD_NAMES = ("etag", "checksum", "version_id", "md5")


def is_external(path: str) -> bool:
    """Return whether a path is outside the repository: a URL, `/…` or `../…`."""
    return "://" in path or path.startswith(("/", "../")) or path == ".."


def version_of(item: Mapping[str, Any], external: bool = False) -> Version | None:
    """Return the version that an item records, `None` when it records none.

    Without a `hash` field, DVC 2 hashed a path in the repository as `md5-dos2unix`. An external
    path has an `etag`, `checksum` or `version_id` of its cloud.
    """
    cloud = item.get("cloud")
    if isinstance(cloud, Mapping) and cloud:
        first = next(iter(cloud.values()))
        item = {**item, **first} if isinstance(first, Mapping) else item
    files = item.get("files")
    if isinstance(files, list) and files:
        return _version_of_files(files, item.get("hash"))
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


def _version_of_files(files: list[Any], scheme: object) -> Version:
    sizes = [_count(file.get("size")) for file in files if isinstance(file, Mapping)]
    return Version(
        _tree_hash(files, str(scheme) if scheme else "md5-dos2unix"),
        sum(size for size in sizes if size),
        len(files),
    )


def _tree_hash(files: list[Any], scheme: str) -> Hash | None:
    # As in dvc_data.hashfile.tree.Tree.digest: md5 of the sorted listing.
    from hashlib import md5
    from json import dumps

    listing = []
    for file in files:
        if not isinstance(file, Mapping) or not file.get("md5") or "relpath" not in file:
            return None
        listing.append({"md5": _text(file["md5"]), "relpath": str(file["relpath"])})
    text = dumps(sorted(listing, key=lambda entry: entry["relpath"]), sort_keys=True)
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    return Hash(scheme, f"{digest}.dir")


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
