"""Read `.dvc` files of added or imported data; each becomes a nameless stage.

The format is `dvc.schema.SINGLE_STAGE_SCHEMA`; old files have a `cmd`.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.dvc import problems
from lineage_diff.dvc.lock.entry import command, is_external, version_of
from lineage_diff.dvc.pipeline.schema import dvc_file_error
from lineage_diff.dvc.pipeline.stage_builder import out_of, plot_props, with_version
from lineage_diff.errors import InputError
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import Dep, Import, Out, OutKind, Stage
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.parsing.work_budget import PARSING, VALUE_STEPS, WorkBudget
from lineage_diff.parsing.yaml_loader import load_yaml, plain_value
from lineage_diff.parsing.yaml_scalars import HEX_WORD

# Files that were read, with their problems, by path and blob id.
DvcFiles = Mapping[tuple[str, str | None], tuple[Stage, tuple[Problem, ...]]]

# A file with one out, as `dvc add` writes it: its fields in any order, all of them plain values.
_COUNT = rb"(0|[1-9][0-9]{0,17})"
_USUAL = re.compile(
    rb"outs:\n(?=- )(?:[- ] (?:"
    rb"md5: (" + HEX_WORD.encode("ascii") + rb"(?:\.dir)?)"
    rb"|size: " + _COUNT + rb"|nfiles: " + _COUNT + rb"|hash: (md5)"
    rb"|path: ([\w./][\w./+\-]{0,1000}))\n){2,5}"
)


def read_dvc_file(
    text: bytes, file: str, work: WorkBudget | None = None
) -> tuple[Stage, tuple[Problem, ...]]:
    """Parse a `.dvc` file; the problems explain why DVC 3 refuses a file of an older DVC.

    Raises `InputError` if no stage can be built from it.
    """
    usual = usual_dvc_file(text, file, work)
    if usual is not None:
        return usual, ()
    data = load_yaml(text, file, work)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise _invalid(file, "not a mapping")
    if not isinstance(data.get("wdir") or "", str):
        raise _invalid(file, "`wdir` must be text")
    wdir = join(folder_of(file), data.get("wdir") or ".")
    deps, outs = _items(data, "deps", file), _items(data, "outs", file)
    if len(outs) > limits.DVC_FILE_OUTS:
        raise _invalid(file, f"{len(outs):,} outs, over the limit of {limits.DVC_FILE_OUTS:,}")
    refused = dvc_file_error(data)
    found = (problems.refused_dvc_file(file, refused),) if refused else ()
    stage = Stage(
        id=file,
        name=None,
        file=file,
        wdir=wdir,
        cmd=command(data.get("cmd")),
        deps=tuple(
            _dep(wdir, item, file) for item in deps if "repo" not in item and "db" not in item
        ),
        outs=tuple(_out(wdir, item, file) for item in outs),
        frozen=bool(data.get("frozen", data.get("locked", False))),
        always_changed=bool(data.get("always_changed", False)),
        desc=data.get("desc") if isinstance(data.get("desc"), str) else None,
        imported=_import(deps, outs, data),
        line=1,
    )
    return stage, found


def usual_dvc_file(text: bytes, file: str, work: WorkBudget | None = None) -> Stage | None:
    """Return what a file with one usual out declares; `None` leaves it to the general reader.

    Raises `TooMuchWorkError` as that does.
    """
    found = _USUAL.fullmatch(text)
    if found is None:
        return None
    md5, size, nfiles, scheme, written = found.groups()
    lines = text.count(b"\n")
    # Each field once, and one item: the first line is `outs:`.
    if md5 is None or written is None or lines != 6 - found.groups().count(None):
        return None
    if text.find(b"\n- ", 6) >= 0:
        return None
    declared = written.decode("ascii")
    wdir = join(folder_of(file), ".")
    path = join(wdir, declared)
    try:
        is_text = isinstance(plain_value(declared), str)
    except (ValueError, ArithmeticError):
        return None
    if not is_text or is_external(path):
        return None
    if work is not None:
        # As many as the general reader counts: each line has a colon.
        if 2 * lines > work.limits.yaml_nodes:
            return None
        work.spend(VALUE_STEPS * 2 * lines, PARSING)
    version = Version(
        Hash("md5-dos2unix" if scheme is None else "md5", md5.decode("ascii")),
        None if size is None else int(size),
        None if nfiles is None else int(nfiles),
    )
    return Stage(file, None, file, wdir, outs=(Out(path, declared, locked=version),), line=1)


def _items(data: Mapping[str, Any], key: str, file: str) -> list[dict[str, Any]]:
    items = data.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _invalid(file, f"`{key}` must be a list of mappings")
    return items


def _path(item: Mapping[str, Any], file: str) -> str:
    path = item.get("path")
    if not isinstance(path, str):
        raise _invalid(file, "an item has no `path`")
    return path


def _dep(wdir: str, item: Mapping[str, Any], file: str) -> Dep:
    declared = _path(item, file)
    path = join(wdir, declared)
    external = is_external(path)
    return Dep(path, declared, external, version_of(item, external))


def _out(wdir: str, item: Mapping[str, Any], file: str) -> Out:
    declared = _path(item, file)
    path = join(wdir, declared)
    kind: OutKind = "metrics" if item.get("metric") else "plots" if item.get("plot") else "out"
    out = out_of(path, declared, kind, item)
    out = with_version(out, version_of(item, out.external))
    plot = item.get("plot")
    return replace(out, plot=plot_props(plot)) if isinstance(plot, dict) else out


def _import(
    deps: list[dict[str, Any]], outs: list[dict[str, Any]], data: Mapping[str, Any]
) -> Import | None:
    """Return the source of an import, by the rules of `dvc.stage.Stage.is_import`."""
    if len(deps) != 1 or len(outs) != 1 or data.get("cmd"):
        return None
    dep = deps[0]
    repo, db, path = dep.get("repo"), dep.get("db"), dep.get("path")
    path = path if isinstance(path, str) else None
    if isinstance(repo, dict):
        return Import(
            "repo",
            str(repo.get("url", "")),
            path,
            _text(repo.get("rev")),
            _text(repo.get("rev_lock")),
            version_of(dep),
        )
    if isinstance(db, dict):
        source = db.get("connection") or db.get("profile") or db.get("project_dir") or ""
        return Import("db", str(source), _text(db.get("model") or db.get("query")))
    return Import("url", path or "", locked=version_of(dep, external=is_external(path or "")))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _invalid(file: str, what: str) -> InputError:
    return InputError(
        f"not a .dvc file that DVC reads: {what}",
        hint="Write it again with `dvc add` or `dvc import`.",
        file=file,
    )
