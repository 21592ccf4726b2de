"""The addresses of outs in remotes that keep files as they are: `version_aware` and `worktree`.

Such a remote has each file at its address and the path in the project (`dvc.repo.index.
_load_storage_from_out`). Only `.dvc/config` of the commit is read: `config.local` is a user's own.
"""

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from lineage_diff.dvc.project import config_sections, project_roots
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.paths import join

_LONGEST = 1 << 16
# The clouds that keep versions (`dvc.config_schema`).
_CLOUDS = ("s3://", "gs://", "azure://")
_REFERENCE = "remote://"
_REFERENCES = 10
_PREFIX, _SUFFIX = 'remote "', '"'


class _Remotes(Struct, frozen=True):
    """The default remote of a project, and the addresses of the remotes that keep files."""

    usual: str | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)


_NONE = _Remotes()


def cloud_addresses(snapshot: Snapshot, outs: Iterable[TrackedOutput]) -> dict[str, str]:
    """Return the address of each out that DVC pushes to such a remote, by its path."""
    projects = {root: _read(snapshot, root) for root in project_roots(snapshot)}
    if not any(project.addresses for project in projects.values()):
        return {}
    addresses = ((made.out.path, _address(made, projects)) for made in outs)
    return {path: address for path, address in addresses if address is not None}


def _address(made: TrackedOutput, projects: Mapping[str, _Remotes]) -> str | None:
    out, imported = made.out, made.stage.imported
    if not out.cache or not out.push or out.external:
        return None
    if imported is not None and imported.kind == "repo":
        return None
    root = next((above for above in (*ancestors(out.path), "") if above in projects), None)
    if root is None:
        return None
    name = out.remote or projects[root].usual
    base = projects[root].addresses.get(name.lower()) if name is not None else None
    return f"{base}/{out.path[len(root) :].lstrip('/')}" if base is not None else None


def _read(snapshot: Snapshot, root: str) -> _Remotes:
    path = join(root, ".dvc/config")
    try:
        text = snapshot.read(path).decode() if snapshot.entry(path) is not None else ""
    except (InputError, UnicodeDecodeError):
        return _NONE
    if len(text) > _LONGEST or not any(name in text for name in ("version_aware", "worktree")):
        return _NONE
    config = config_sections(text)
    if config is None:
        return _NONE
    remotes = {
        name[len(_PREFIX) : -len(_SUFFIX)].lower(): section
        for key, section in config.items()
        if (name := key.strip("'")).startswith(_PREFIX) and isinstance(section, dict)
    }
    resolved = ((name, _resolved(name, remotes)) for name in remotes)
    core = config.get("core")
    return _Remotes(
        _text(core, "remote") if isinstance(core, dict) else None,
        {name: url for name, settings in resolved if (url := _kept_at(settings)) is not None},
    )


def _resolved(name: str, remotes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the settings of a remote, with those of the one that its URL refers to."""
    settings: dict[str, Any] = {}
    inner: list[str] = []
    for _ in range(_REFERENCES):
        own = remotes.get(name, {})
        settings = {**own, **settings}
        url = _text(own, "url") or ""
        if not url.startswith(_REFERENCE):
            return {**settings, "url": "/".join((url, *reversed(inner)))}
        name, _, path = url.removeprefix(_REFERENCE).partition("/")
        name = name.lower()
        inner += [path] if path else []
    return {}


def _kept_at(settings: Mapping[str, Any]) -> str | None:
    """Return the address of a remote that keeps files as they are, `None` for another one."""
    flags = [_text(settings, flag) or "" for flag in ("version_aware", "worktree")]
    url = _text(settings, "url") or ""
    if "true" not in map(str.lower, flags) or not url.startswith(_CLOUDS):
        return None
    scheme, _, place = url.partition("://")
    return f"{scheme}://{posixpath.normpath(place)}"


def _text(settings: Mapping[str, Any], key: str) -> str | None:
    value = settings.get(key)
    return value.strip("'\"") if isinstance(value, str) and value.strip("'\"") else None
