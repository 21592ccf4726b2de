"""List the stages of a `dvc.yaml` whose variables cannot be read.

The lock has the paths that the last run filled in. Their freshness is unknown.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lineage_diff.dvc.pipeline.templating import Definition
from lineage_diff.lineage.stage import LockEntry

_OUTS = ("outs", "metrics", "plots")
_SECTIONS = ("artifacts", "metrics", "plots")


def unfilled_definitions(
    stages: Mapping[str, Any], lock: Mapping[str, LockEntry], most: int
) -> tuple[Definition, ...]:
    """Return at most `most` definitions, with the paths and params that use no variables.

    A stage of a `foreach` or `matrix` is found in the lock only.
    """
    return tuple(islice(_definitions(stages, lock), most))


def plain_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the top-level sections that use no variables."""
    found: dict[str, Any] = {}
    for key in _SECTIONS:
        items = data.get(key)
        if isinstance(items, dict):
            found[key] = {name: item for name, item in items.items() if _is_plain(item)}
        elif isinstance(items, list):
            found[key] = [item for item in items if _is_plain(item)]
    return found


def _definitions(stages: Mapping[str, Any], lock: Mapping[str, LockEntry]) -> Iterator[Definition]:
    generated: dict[str, list[str]] = {}
    for name in sorted(lock):
        generated.setdefault(name.partition("@")[0], []).append(name)
    for name, body in stages.items():
        if "foreach" in body or "matrix" in body:
            template = body.get("do", body)
            for each in generated.get(name, ()):
                if each != name:
                    yield Definition(each, _filled(template, lock[each]), name)
        else:
            yield Definition(name, _filled(body, lock.get(name)))


def _filled(body: Mapping[str, Any], entry: LockEntry | None) -> dict[str, Any]:
    """Return a stage's definition with plain paths only: its own, else those of its lock entry."""
    found: dict[str, Any] = {"cmd": str(body.get("cmd", ""))}
    found["params"] = [item for item in body.get("params") or () if _is_plain(item)]
    if not _is_plain(body.get("wdir")):
        # Neither its paths nor those of the lock say where they begin.
        return found
    found["wdir"] = body.get("wdir")
    if entry is not None and not _is_plain([body.get(key) for key in ("deps", *_OUTS)]):
        return found | {"deps": list(entry.deps)} | _outs_by_lock(body, entry)
    for key in ("deps", *_OUTS):
        found[key] = [item for item in body.get(key) or () if _is_plain(item)]
    return found


def _outs_by_lock(body: Mapping[str, Any], entry: LockEntry) -> dict[str, list[Any]]:
    """Return the outs of a lock entry, each with the flags of a name that may be its own."""
    declared = [
        (key, str(name), flags)
        for key in _OUTS
        for item in body.get(key) or ()
        for name, flags in (item.items() if isinstance(item, dict) else ((item, {}),))
    ]
    found: dict[str, list[Any]] = {key: [] for key in _OUTS}
    for path in entry.outs:
        fitting = ((key, flags) for key, name, flags in declared if _may_be(name, path))
        key, flags = next(fitting, ("outs", {}))
        found[key].append({path: flags if _is_plain(flags) else {}})
    return found


def _may_be(name: str, path: str) -> bool:
    """Whether a name with variables may stand for a path: both begin and end with the same text."""
    if _is_plain(name):
        return name == path
    return path.startswith(name.partition("${")[0]) and path.endswith(name.rpartition("}")[2])


def _is_plain(value: Any) -> bool:
    return "${" not in str(value)
