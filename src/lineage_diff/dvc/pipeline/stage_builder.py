"""Build a `Stage` from a resolved definition and its lock entry.

The rules are those of `dvc.stage.loader.StageLoader`, `dvc.output.load_from_pipeline` and
`dvc.dependency.loads_params`.
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from lineage_diff.dvc.lock.entry import command, is_external
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import Dep, LockEntry, Out, OutKind, ParamDep, Stage
from lineage_diff.lineage.version import Version

Item = TypeVar("Item", Dep, Out)
_DEFAULT_PARAMS = "params.yaml"
_OUT_KINDS: tuple[tuple[str, OutKind], ...] = (
    ("outs", "out"),
    ("metrics", "metrics"),
    ("plots", "plots"),
)


_PLOT_PROPS = ("template", "x", "y", "x_label", "y_label", "title", "header")


class DefinitionError(ValueError):
    """DVC cannot build a stage from a resolved definition; the text is the reason."""


def build_stage(
    file: str, name: str, definition: Mapping[str, Any], group: str | None, line: int | None
) -> Stage:
    """Build a stage of a `dvc.yaml` from its resolved definition, without its lock.

    Raises `DefinitionError` if a value has the wrong type.
    """
    wdir = join(folder_of(file), text_of(definition.get("wdir") or ".", "wdir"))
    cmd = command(definition.get("cmd"))
    if cmd is None:
        raise DefinitionError("`cmd` must be text or a list of text")
    return Stage(
        id=f"{file}:{name}",
        name=name,
        file=file,
        wdir=wdir,
        cmd=cmd,
        deps=_deps(wdir, definition.get("deps") or ()),
        outs=tuple(
            [
                out
                for key, kind in _OUT_KINDS
                if (items := definition.get(key))
                for out in _outs(wdir, items, kind)
            ]
        ),
        params=tuple(_params(wdir, definition.get("params") or ())),
        frozen=bool(definition.get("frozen", False)),
        always_changed=bool(definition.get("always_changed", False)),
        desc=definition.get("desc"),
        group=group,
        line=line,
    )


def text_of(value: Any, key: str) -> str:
    """Return the value if it is text. Raises `DefinitionError` otherwise."""
    if not isinstance(value, str):
        raise DefinitionError(f"`{key}` must be text, not {type(value).__name__}")
    return value


def _deps(wdir: str, paths: Any) -> tuple[Dep, ...]:
    found: dict[str, Dep] = {}
    for declared in paths:
        if text_of(declared, "deps") not in found:
            path = join(wdir, declared)
            found[declared] = Dep(path, declared, is_external(path))
    return tuple(found.values())


def _outs(wdir: str, items: Any, kind: OutKind) -> Iterator[Out]:
    flags: dict[str, dict[str, Any]] = {}
    for item in items:
        if isinstance(item, str):
            flags.setdefault(item, {})
            continue
        for path, given in item.items() if isinstance(item, dict) else ((item, {}),):
            if not isinstance(given, dict):
                raise DefinitionError(f"the flags of `{path}` must be a mapping")
            flags.setdefault(text_of(path, "outs"), {}).update(given)
    for declared, given in flags.items():
        path = join(wdir, declared)
        yield out_of(path, declared, kind, given)


def out_of(path: str, declared: str, kind: OutKind, flags: Mapping[str, Any]) -> Out:
    """Build an out with DVC's flags and annotations."""
    if not flags:
        return Out(path, declared, is_external(path), kind=kind)
    return Out(
        path,
        declared,
        is_external(path),
        kind=kind,
        cache=bool(flags.get("cache", True)),
        persist=bool(flags.get("persist", False)),
        push=bool(flags.get("push", True)),
        remote=flags.get("remote"),
        type=flags.get("type"),
        desc=flags.get("desc"),
        labels=tuple(str(label) for label in flags.get("labels") or ()),
        plot=plot_props(flags) if kind == "plots" else None,
    )


def plot_props(given: Any) -> Mapping[str, Any] | None:
    """Return the properties of a plot among the flags of an out (`dvc.schema.PLOT_PROPS`)."""
    found = {key: given[key] for key in _PLOT_PROPS if key in given}
    return found or None


def _params(wdir: str, items: Any) -> Iterator[ParamDep]:
    """Yield the params files of a stage; a file under two paths is one."""
    whole = {
        text_of(file, "params")
        for item in items
        if isinstance(item, dict)
        for file, keys in item.items()
        if not keys
    }
    written: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, str):
            if _DEFAULT_PARAMS not in whole:
                written.setdefault(_DEFAULT_PARAMS, []).append(item)
            continue
        if not isinstance(item, dict):
            raise DefinitionError("`params` must be a list of keys and of files with keys")
        for file, keys in item.items():
            found = written.setdefault(text_of(file, "params"), [])
            if file not in whole:
                if not isinstance(keys, list):
                    raise DefinitionError(f"the params of `{file}` must be a list of keys")
                found.extend(str(key) for key in keys)
    files: dict[str, dict[str, tuple[str, ...]]] = {}
    for file, names in written.items():
        files.setdefault(_recorded(wdir, file), {})[file] = tuple(dict.fromkeys(names))
    for declared, wanted in files.items():
        yield _param_dep(join(wdir, declared), declared, wanted)


def _param_dep(path: str, declared: str, keys: Mapping[str, tuple[str, ...]]) -> ParamDep:
    """Join the keys of one file by the paths that name it.

    A run records the keys of the last of these paths (`_serialize_params_values` of DVC).
    """
    recorded = keys[max(keys)]
    if len(keys) == 1:
        return ParamDep(path, declared, recorded)
    found = dict.fromkeys(key for names in keys.values() for key in names)
    every = tuple(found) if all(keys.values()) else ()
    if not recorded or set(every) == set(recorded):
        return ParamDep(path, declared, every)
    return ParamDep(path, declared, every, recorded=recorded)


def _recorded(wdir: str, file: str) -> str:
    """Return the path of a params file as locks have it: from the folder of the stage.

    Other paths are recorded as they are written (`dvc.stage.serialize._serialize_params_values`).
    """
    if "./" not in file and "//" not in file:
        return file
    path = join(wdir, file)
    is_inner = not path.startswith(("/", "../")) and "://" not in path
    return posixpath.relpath(f"/{path}", f"/{wdir}") if is_inner else file


def with_lock(stage: Stage, entry: LockEntry | None) -> Stage:
    """Add the lock's recorded version to each dep, out and param, by path as written."""
    if entry is None:
        return stage
    stage = _inside(stage, entry)
    # `replace` looks up the fields by name: three times as slow.
    return Stage(
        stage.id,
        stage.name,
        stage.file,
        stage.wdir,
        stage.cmd,
        deps=tuple(
            [
                Dep(dep.path, dep.declared, dep.external, found, absolute=dep.absolute)
                if (found := _find_version(entry.deps, dep.declared))
                else dep
                for dep in stage.deps
            ]
        ),
        outs=tuple(
            [
                with_version(out, found)
                if (found := _find_version(entry.outs, out.declared))
                else out
                for out in stage.outs
            ]
        ),
        params=tuple(
            [
                ParamDep(
                    param.path,
                    param.declared,
                    param.keys,
                    entry.params[param.declared],
                    recorded=param.recorded,
                )
                if param.declared in entry.params
                else param
                for param in stage.params
            ]
        ),
        lock=entry,
        frozen=stage.frozen,
        always_changed=stage.always_changed,
        desc=stage.desc,
        group=stage.group,
        imported=stage.imported,
        line=stage.line,
    )


def with_version(out: Out, version: Version | None) -> Out:
    """Add the recorded version from a lock or a `.dvc` file to an out."""
    return Out(
        out.path,
        out.declared,
        out.external,
        version,
        out.kind,
        out.cache,
        out.persist,
        out.push,
        out.remote,
        out.type,
        out.desc,
        out.labels,
        out.plot,
        out.absolute,
    )


def _inside(stage: Stage, entry: LockEntry) -> Stage:
    """Take the absolute paths that may lead into the repository for those that the lock records.

    DVC records such a path by its place in the repository (`dvc.stage.utils.resolve_paths`). Where
    the repository lies is not part of a commit.
    """
    items: tuple[Dep | Out, ...] = (*stage.deps, *stage.outs)
    if not any(item.declared.startswith("/") for item in items):
        return stage
    return replace(
        stage,
        deps=_found_inside(stage.deps, entry.deps, stage.wdir),
        outs=_found_inside(stage.outs, entry.outs, stage.wdir),
    )


def _found_inside(
    items: tuple[Item, ...], locked: Mapping[str, Version], wdir: str
) -> tuple[Item, ...]:
    left = sorted(locked.keys() - {item.declared for item in items}, key=len, reverse=True)
    names = {name: path for name in left if not is_external(path := join(wdir, name))}
    found: list[Item] = []
    for item in items:
        absolute = item.declared
        if absolute.startswith("/") and absolute not in locked:
            fitting = (name for name, path in names.items() if absolute.endswith(f"/{path}"))
            name = next(fitting, None)
            if name is not None:
                own = {"path": names[name], "declared": name, "external": False}
                item = replace(item, **own, absolute=absolute)
        found.append(item)
    return tuple(found)


def _find_version(versions: Mapping[str, Version], declared: str) -> Version | None:
    found = versions.get(declared)
    nothing = found is None or (found.hash is None and found == Version(None))
    return None if nothing else found
