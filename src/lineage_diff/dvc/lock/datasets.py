"""Read the datasets of a `dvc.yaml` with their locked versions (`dvc.repo.datasets`).

A dep `ds://NAME` uses a dataset. `dvc ds update` writes the dataset's entry into the lock, and a
run copies it into the entry of its stage. Here a dataset is a nameless stage, as an import is,
with `ds://NAME` as its only out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import md5
from json import dumps
from typing import Any

from lineage_diff.lineage.stage import Import, Out, Stage
from lineage_diff.lineage.version import Hash, Version

SCHEME = "ds://"
ALGORITHM = "dataset"
# The fields of an entry that DVC compares, by type: `DVCDatasetLock`, `DatachainDatasetLock`
# and `URLDatasetLock`.
_FIELDS = {
    "dvc": ("name", "url", "path", "rev", "rev_lock"),
    "dc": ("name", "url", "version", "created_at"),
    "url": ("name", "url", "meta", "files"),
}
_SPEC = {"dvc": ("name", "url", "path", "rev"), "dc": ("name", "url"), "url": ("name", "url")}
# Fields of `dvc_data.hashfile.meta.Meta` that its comparison ignores.
_NOT_COMPARED = frozenset(("remote", "is_link", "destination", "nlink"))
_DIGEST = 8


def datasets_of(section: Any) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a `datasets` list by name; the last one wins, as in DVC.

    Entries without a known type are left out.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for item in section if isinstance(section, list | tuple) else ():
        if isinstance(item, Mapping) and isinstance(item.get("name"), str) and _type(item):
            found[item["name"]] = item
    return found


def dataset_version(entry: Any) -> Version | None:
    """Return the version that a lock's entry records, `None` if it records none.

    Its hash consists of the entry's own id (a commit, a number, a hash of the cloud) and a digest
    of all fields that DVC compares.
    """
    if not isinstance(entry, Mapping) or not (kind := _type(entry)):
        return None
    label = _label(entry)
    if label is None:
        return None
    compared = {key: _plain(key, entry.get(key)) for key in ("type", *_FIELDS[kind])}
    text = dumps(_in_order(compared), default=str)
    digest = md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    meta = entry.get("meta")
    size = meta.get("size") if isinstance(meta, Mapping) else None
    return Version(
        Hash(ALGORITHM, f"{label}.{digest[:_DIGEST]}"), size if isinstance(size, int) else None
    )


def dataset_stages(
    file: str, declared: Mapping[str, Mapping[str, Any]], locked: Mapping[str, Mapping[str, Any]]
) -> Iterator[Stage]:
    """Yield the datasets of one `dvc.yaml`, without a version where the lock differs."""
    for name in sorted(declared):
        entry = locked.get(name)
        synced = entry is not None and _spec(entry) == _spec(declared[name])
        yield Stage(
            dataset_id(file, name),
            None,
            file,
            "",
            outs=(
                Out(
                    SCHEME + name,
                    SCHEME + name,
                    True,
                    dataset_version(entry) if synced else None,
                ),
            ),
            imported=import_of({**declared[name], **(entry if synced and entry else {})}),
        )


def dataset_id(file: str, name: str) -> str:
    """Return the id of a dataset's stage."""
    return f"{file}:{SCHEME}{name}"


def import_of(entry: Mapping[str, Any]) -> Import:
    """Return the source of a dataset; a version number counts as its locked revision."""
    locked = entry.get("rev_lock")
    if entry.get("type") == "dc" and entry.get("version") is not None:
        locked = f"v{entry['version']}"
    return Import(
        "dataset",
        str(entry.get("url") or ""),
        _text(entry.get("path")),
        _text(entry.get("rev")),
        _text(locked),
        dataset_version(entry),
    )


def _type(entry: Mapping[str, Any]) -> str | None:
    kind = entry.get("type")
    return kind if isinstance(kind, str) and kind in _FIELDS else None


def _spec(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    kind = _type(entry)
    return kind, *(_plain(key, entry.get(key)) for key in _SPEC.get(kind or "", ()))


def _label(entry: Mapping[str, Any]) -> str | None:
    """Return a readable name of the version, `None` if the entry has no version."""
    if entry["type"] == "dvc":
        return _text(entry.get("rev_lock")) or None
    if entry["type"] == "dc":
        return f"v{entry['version']}" if entry.get("version") is not None else None
    meta = entry.get("meta")
    if not isinstance(meta, Mapping):
        return None
    named = (meta.get(key) for key in ("version_id", "etag", "checksum", "md5"))
    return next((str(value) for value in named if value), "files")


def _plain(key: str, value: Any) -> Any:
    """Return a field in the form that DVC compares: with its default, and dates normalized."""
    if key == "path":
        return value or ""
    if key == "created_at":
        return _date(value)
    if key == "meta":
        return _meta(value)
    if key == "files":
        files = value if isinstance(value, list) else ()
        pairs = [
            [str(file.get("relpath")), _meta(file.get("meta"))]
            for file in files
            if isinstance(file, Mapping)
        ]
        return sorted(pairs, key=lambda pair: str(pair[0]))
    return value


def _in_order(value: Any) -> Any:
    """Return a value with one JSON form: mappings become sorted pairs."""
    if isinstance(value, Mapping):
        pairs = [[repr(key), _in_order(item)] for key, item in value.items()]
        return sorted(pairs, key=lambda pair: str(pair[0]))
    if isinstance(value, list | tuple):
        return [_in_order(item) for item in value]
    return value


def _meta(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    kept = {str(key): item for key, item in value.items() if key not in _NOT_COMPARED}
    return {key: item for key, item in kept.items() if item is not None and item is not False}


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return str(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
