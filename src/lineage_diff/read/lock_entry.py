"""One stage's entry of a lock, from what the YAML loader made of it."""

from collections.abc import Iterable
from typing import Any

from lineage_diff.lineage.stage import Command, LockEntry
from lineage_diff.lineage.version import Version
from lineage_diff.read.lock_version import locked_version


def lock_entry(item: Any, line: int | None) -> LockEntry | None:
    """Make a stage's entry from its loaded block; `None` where DVC's schema refuses it."""
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
    """Return a command as DVC keeps it: text, or the tuple of a list's items."""
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
