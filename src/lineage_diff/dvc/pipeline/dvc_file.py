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
from lineage_diff.parsing.usual_yaml import usual_brackets, usual_yaml
from lineage_diff.parsing.work_budget import PARSING, USUAL_VALUE_STEPS, WorkBudget
from lineage_diff.parsing.yaml_limits import most_values
from lineage_diff.parsing.yaml_loader import load_yaml
from lineage_diff.parsing.yaml_scalars import HEX_WORD, plain_value

# Files that were read, with their problems, by path and blob id.
DvcFiles = Mapping[tuple[str, str | None], tuple[Stage, tuple[Problem, ...]]]

# Files as `dvc add` and `dvc import` write them, with the out's fields in any order.
_HASH = HEX_WORD.encode("ascii")
_COUNT = rb"(0|[1-9][0-9]{0,17})"
_PATH = rb"([\w./][\w./+\-]{0,1000})"
_OUT = re.compile(
    rb"outs:\n(?=- )(?:[- ] (?:"
    rb"md5: (" + _HASH + rb"(?:\.dir)?)"
    rb"|size: " + _COUNT + rb"|nfiles: " + _COUNT + rb"|hash: (md5)"
    rb"|path: " + _PATH + rb")\n){2,5}"
)
_IMPORT = re.compile(
    rb"(?:md5: " + _HASH + rb"\n)?(frozen: true\n)?deps:\n- path: " + _PATH + rb"\n"
    rb"  repo:(?: (\{[ -~]{1,1000}\})\n|\n((?:    [ -~]{1,1000}\n){1,3}))"
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
    """Return what a file with one usual out, added or imported, declares.

    `None` leaves it to the general reader. Raises `TooMuchWorkError` as that does.
    """
    wdir = join(folder_of(file), ".")
    head = _IMPORT.match(text)
    out = _usual_out(text, 0 if head is None else head.end(), wdir)
    imported = None if head is None else _usual_import(head)
    if out is None or (head is not None and imported is None):
        return None
    if work is not None:
        values = most_values(text.decode("ascii"))
        if values > work.limits.yaml_nodes:
            return None
        work.spend(USUAL_VALUE_STEPS * values, PARSING)
    frozen = head is not None and head[1] is not None
    return Stage(file, None, file, wdir, outs=(out,), frozen=frozen, imported=imported, line=1)


def _usual_out(text: bytes, start: int, wdir: str) -> Out | None:
    """Return the one out that is declared from an offset to the end, `None` for unusual ones."""
    found = _OUT.fullmatch(text, start)
    if found is None:
        return None
    md5, size, nfiles, scheme, written = found.groups()
    if md5 is None or written is None:
        return None
    # Each field once, and one item: the first line is `outs:`.
    once = text.count(b"\n", start) == 6 - found.groups().count(None)
    if not once or text.find(b"\n- ", start + 6) >= 0:
        return None
    declared = written.decode("ascii")
    path = join(wdir, declared)
    if not _is_text(declared) or is_external(path):
        return None
    version = Version(
        Hash("md5-dos2unix" if scheme is None else "md5", md5.decode("ascii")),
        None if size is None else int(size),
        None if nfiles is None else int(nfiles),
    )
    return Out(path, declared, locked=version)


def _usual_import(head: "re.Match[bytes]") -> Import | None:
    """Return the source that `_IMPORT` found, `None` for an unusual one."""
    path = head[2].decode("ascii")
    try:
        source = (
            usual_yaml(head[4].decode()) if head[3] is None else usual_brackets(head[3].decode())
        )
    except (ValueError, ArithmeticError):
        return None
    if source is None or not source.keys() <= {"url", "rev", "rev_lock"}:
        return None
    if "url" not in source or not all(isinstance(value, str) for value in source.values()):
        return None
    if not _is_text(path):
        return None
    return Import("repo", source["url"], path, source.get("rev"), source.get("rev_lock"))


def _is_text(written: str) -> bool:
    """Return whether a plain scalar is a text, not a number, date or truth value."""
    try:
        return isinstance(plain_value(written), str)
    except (ValueError, ArithmeticError):
        return False


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
