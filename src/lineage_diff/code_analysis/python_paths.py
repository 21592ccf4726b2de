"""Find the literal paths that a Python script reads, in its syntax tree.

Only certain reads count: a literal, or a path joined from literals, in a call that opens a file for
reading, outside conditional branches.
"""

import ast
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

HERE = "\0"
"""A placeholder for the script's own path (`__file__`) at the start of a path."""

_READERS = frozenset(
    [
        "read_csv",
        "read_parquet",
        "read_json",
        "read_table",
        "read_excel",
        "read_feather",
        "read_pickle",
        "read_hdf",
        "read_fwf",
        "read_orc",
        "read_sas",
        "read_stata",
        "read_xml",
        "read_ipc",
        "read_ndjson",
        "read_delta",
        "scan_csv",
        "scan_parquet",
        "scan_ipc",
        "scan_ndjson",
        "read_file",
        "read_text",
        "read_bytes",
        "imread",
        "loadtxt",
        "genfromtxt",
        "fromfile",
        "load_model",
        "read_h5ad",
        "open_dataset",
        "read_yaml",
    ]
)
# `load` reads a path only in these modules; `json.load` and `yaml.load` take an open file.
_LOADERS = frozenset(["np", "numpy", "joblib", "torch", "librosa", "jnp"])
_WRITERS = ("to_", "write", "save", "dump", "export", "sink_")
_NESTED = 20


class LiteralPath(Struct, frozen=True):
    """A path in a script, relative to its working folder or, after `HERE`, to the script."""

    path: str
    line: int


def paths_read(tree: ast.Module) -> tuple[LiteralPath, ...]:
    """Return the paths that a script reads but does not write, each once, with its first line."""
    constants = path_constants(tree)
    conditional = _conditional(tree)
    read: dict[str, int] = {}
    written: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        path = opened_path(node, constants)
        if path is not None:
            if id(node) in conditional:
                continue
            read[path] = min(node.lineno, read.get(path, node.lineno))
        elif _writes(node):
            written.update(_paths_in(node, constants))
    return tuple(LiteralPath(path, read[path]) for path in sorted(read) if path not in written)


def _conditional(tree: ast.Module) -> set[int]:
    """Return the ids of the nodes in branches, which may depend on the command's arguments."""
    found: set[int] = set()
    for node in ast.walk(tree):
        branches: list[ast.AST] = []
        if isinstance(node, ast.If) and not _is_main(node.test):
            branches = [*node.body, *node.orelse]
        elif isinstance(node, ast.IfExp):
            branches = [node.body, node.orelse]
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            branches = [*node.body]
        for branch in branches:
            if id(branch) not in found:
                found.update(id(inner) for inner in ast.walk(branch))
    return found


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and _name(test.left) == "__name__"


def opened_path(call: ast.Call, constants: Mapping[str, str]) -> str | None:
    """Return the path that a call reads; `None` for another call or an unknown path."""
    name, owner = _called(call)
    if name == "open":
        return None if _mode_writes(call) else _first_path(call, owner, constants)
    if name in ("read_text", "read_bytes"):
        return fold_path(owner, constants) if owner is not None else None
    if name in _READERS or (name == "load" and _name(owner) in _LOADERS):
        return fold_path(call.args[0], constants) if call.args else None
    return None


def path_constants(tree: ast.Module) -> dict[str, str]:
    """Return the module's names that are bound to a path, and bound once in the script."""
    bound: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[node.id] += 1
        elif isinstance(node, ast.arg):
            bound[node.arg] += 1
    constants: dict[str, str] = {}
    for item in tree.body:
        target, value = _assigned(item)
        if target is not None and value is not None and bound[target] == 1:
            path = fold_path(value, constants)
            if path is not None:
                constants[target] = path
    return constants


def fold_path(node: ast.expr | None, constants: Mapping[str, str], nested: int = 0) -> str | None:
    """Return the path of an expression of literals, `Path` and `os.path`; `None` if unknown."""
    if node is None or nested > _NESTED:
        return None

    def fold(part: ast.expr) -> str | None:
        return fold_path(part, constants, nested + 1)

    match node:
        case ast.Constant(value=str(text)):
            return text if text and text.isprintable() else None
        case ast.Name(id="__file__"):
            return HERE
        case ast.Name(id=name):
            return constants.get(name)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([fold(left), fold(right)])
        case ast.Attribute(value=value, attr="parent"):
            return _above(fold(value))
        case ast.Subscript(
            value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int(count))
        ) if 0 <= count < _NESTED:
            path = fold(value)
            for _ in range(count + 1):
                path = _above(path)
            return path
        case ast.Call(func=ast.Name(id="Path" | "PurePath" | "str"), args=args) if args:
            return _joined([fold(part) for part in args])
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args):
            if name in ("Path", "join") and args and _name(value) in ("pathlib", "path"):
                return _joined([fold(part) for part in args])
            if name in ("dirname", "abspath", "realpath", "normpath", "fspath") and len(args) == 1:
                path = fold(args[0])
                return _above(path) if name == "dirname" else path
            if name in ("resolve", "absolute", "as_posix") and not args:
                return fold(value)
            if name == "joinpath":
                return _joined([fold(value), *(fold(part) for part in args)])
    return None


def _joined(parts: list[str | None]) -> str | None:
    if any(part is None for part in parts):
        return None
    return _normal(posixpath.join(*(part or "" for part in parts)))


def _above(path: str | None) -> str | None:
    return None if path is None else _normal(posixpath.join(path, ".."))


def _normal(path: str) -> str:
    # `HERE/..` depends on the script, which is unknown here.
    return path if path.startswith(HERE) else posixpath.normpath(path)


def _assigned(item: ast.stmt) -> tuple[str | None, ast.expr | None]:
    match item:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
    return None, None


def _called(call: ast.Call) -> tuple[str, ast.expr | None]:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr, call.func.value
    return (call.func.id, None) if isinstance(call.func, ast.Name) else ("", None)


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _first_path(call: ast.Call, owner: ast.expr | None, constants: Mapping[str, str]) -> str | None:
    # `open(x)`, `gzip.open(x)`, and `Path(x).open()`, where the owner is the path.
    if owner is not None and _name(owner) not in ("io", "gzip", "bz2", "lzma", "codecs", "Image"):
        return fold_path(owner, constants)
    return fold_path(call.args[0], constants) if call.args else None


def _mode_writes(call: ast.Call) -> bool:
    modes = [*call.args[:2], *(key.value for key in call.keywords if key.arg == "mode")]
    for mode in modes[0 if isinstance(call.func, ast.Attribute) else 1 :]:
        if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
            if len(mode.value) <= 3 and set(mode.value) & set("wax+"):
                return True
        elif mode is not call.args[0]:
            return True
    return False


def _writes(call: ast.Call) -> bool:
    name, _ = _called(call)
    return name == "open" or name.startswith(_WRITERS) or name.endswith(("save", "savefig"))


def _paths_in(call: ast.Call, constants: Mapping[str, str]) -> Iterator[str]:
    _, owner = _called(call)
    for part in (*call.args, *(key.value for key in call.keywords), owner):
        path = fold_path(part, constants)
        if path is not None:
            yield path
