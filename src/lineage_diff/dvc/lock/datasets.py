"""The datasets of a `dvc.yaml`, and what its lock says that they were (`dvc.repo.datasets`).

A dep `ds://NAME` takes one. `dvc ds update` writes its entry into the lock, and a run copies that
into the entry of its stage. Here a dataset is a nameless stage, as an import is, and `ds://NAME`
its only out.
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
# What DVC compares of an entry, by the type: `DVCDatasetLock`, `DatachainDatasetLock` and
# `URLDatasetLock`.
_FIELDS = {
    "dvc": ("name", "url", "path", "rev", "rev_lock"),
    "dc": ("name", "url", "version", "created_at"),
    "url": ("name", "url", "meta", "files"),
}
_SPEC = {"dvc": ("name", "url", "path", "rev"), "dc": ("name", "url"), "url": ("name", "url")}
# Fields of `dvc_data.hashfile.meta.Meta` that count for nothing when two are compared.
_NOT_COMPARED = frozenset(("remote", "is_link", "destination", "nlink"))
_DIGEST = 8


def datasets_of(section: Any) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a `datasets` list by name; of two the last, as in DVC.

    What is no dataset of a known type is left out.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for item in section if isinstance(section, list | tuple) else ():
        if isinstance(item, Mapping) and isinstance(item.get("name"), str) and _type(item):
            found[item["name"]] = item
    return found


def dataset_version(entry: Any) -> Version | None:
    """Return the version that a lock's entry names, `None` where it names none.

    Its hash is the entry's own (a commit, a number, a hash of the cloud) and a digest of all that
    DVC compares.
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
    """Yield the datasets of one `dvc.yaml`. One that the lock has otherwise has no version."""
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
    """Say where a dataset comes from; its number counts as what its revision was locked to."""
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
    """Return what names the version for a person, `None` where the entry has no version."""
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
    """Return a field as DVC compares it: with its default, and dates however they are written."""
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
    """Return what JSON writes in one way only: a mapping as pairs, whatever its keys are."""
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
