"""Find the files of a commit that configure the checks of later changes and data storage."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from lineage_diff.config.loader import PATHS
from lineage_diff.dvc.project import config_sections, project_roots
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.paths import join

_FOLDER = ".github"
# More projects than a monorepo has; beyond them, any change of the file counts.
_PROJECTS = 100
# In bytes. In a longer file any change counts: such a file is not written by hand.
_LONGEST = 32 * 1024
# And so of those beyond what all of one commit may hold: two seconds of work.
_ALL_BYTES = 256 * 1024


def policy_files(snapshot: Snapshot, config: str | None = None) -> dict[str, dict[str, str]]:
    """Return, by name of a configuration file, the files that are read for it.

    These are each link in its path and the file that it leads to, by path, with their blob ids.
    Names that differ only in case are included: on a case-insensitive file system they are the
    same file. `config` is an additional name.
    """
    names = dict.fromkeys((*PATHS, *((config,) if config is not None else ())))
    found = {name: dict(_steps(snapshot, name)) for name in (*names, *_variants(snapshot, names))}
    return {name: found[name] for name in sorted(found) if found[name]}


def _steps(snapshot: Snapshot, path: str) -> Iterator[tuple[str, str]]:
    reached = snapshot.resolve(path)
    entry = None if reached is None else snapshot.entry(reached)
    if entry is None and snapshot.files().get(path) is None:
        return
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        above = "/".join(parts[:count])
        link = snapshot.files().get(above)
        if link is not None and above != reached:
            yield above, link.oid
    if reached is not None and entry is not None:
        yield reached, entry.oid


def _variants(snapshot: Snapshot, names: Mapping[str, None]) -> Iterator[str]:
    lengths = {len(name) for name in names} | {len(_FOLDER)}
    lower = {name.lower() for name in names}
    for path, entry in snapshot.files().items():
        if len(path) in lengths and path not in names:
            folder = entry.kind == "symlink" and path != _FOLDER and path.lower() == _FOLDER
            if folder or path.lower() in lower:
                yield path


def fetch_settings(snapshot: Snapshot) -> dict[str, str]:
    """Return, by each project's `.dvc/config`, a hash of its storage settings.

    These are its remotes, the default remote, and its cache. An unreadable or too long file counts
    as a whole.
    """
    found = {}
    left = _ALL_BYTES
    for number, root in enumerate(project_roots(snapshot)):
        path = join(root, ".dvc/config")
        reached = snapshot.resolve(path)
        entry = None if reached is None else snapshot.files().get(reached)
        if entry is not None and number >= _PROJECTS:
            found[path] = entry.oid
        elif entry is not None:
            try:
                content = snapshot.read(path)
                settings = _settings(content) if len(content) <= left else content
                left -= min(left, len(content))
            except InputError:
                settings = entry.oid.encode()
            if settings:
                found[path] = sha256(settings).hexdigest()
    return found


@lru_cache(maxsize=2 * _PROJECTS)
def _settings(content: bytes) -> bytes:
    if len(content) > _LONGEST:
        return content
    try:
        config = config_sections(content.decode())
    except UnicodeDecodeError:
        return content
    if config is None:
        return content
    kept: dict[str, Any] = {
        name: section
        for name, section in config.items()
        if name.strip("'\"").startswith(("remote", "cache"))
    }
    core = config.get("core")
    usual = core.get("remote") if isinstance(core, dict) else None
    if usual is not None:
        kept["core"] = usual
    return json.dumps(kept, sort_keys=True, default=str).encode() if kept else b""
