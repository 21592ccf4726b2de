"""Find the keys that a Python script reads from params files, in its syntax tree.

Recognized are `yaml.safe_load(open("params.yaml"))`, the same through `with open(...) as f`, and
`dvc.api.params_show()`; then `params["train"]["epochs"]`, `.get("epochs")`, and names bound to
those. A name that is bound twice is unknown.
"""

import ast
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from lineage_diff.code_analysis.python_paths import opened_path, path_constants

PARAMS = "params.yaml"
_LOADS = frozenset(("safe_load", "load", "full_load", "unsafe_load"))
_OWNERS = frozenset(("yaml", "ryaml", "json", "toml", "tomllib", "tomli"))
_NESTED = 20


class ParamKey(Struct, frozen=True):
    """A key, with its parts joined by dots, of a params file with its path in the script."""

    file: str
    key: str
    line: int


class _Section(Struct, frozen=True):
    """The part of a params file in an expression; `parts` is `None` for the open file."""

    file: str
    parts: tuple[str, ...] | None


class _Scope(Struct):
    """The names in a function, or in the module, bound to a part of a params file."""

    known: dict[str, _Section | None] = field(default_factory=dict)
    above: "_Scope | None" = None

    def get(self, name: str) -> _Section | None:
        if name in self.known:
            return self.known[name]
        return self.above.get(name) if self.above else None


def params_read(tree: ast.Module) -> tuple[ParamKey, ...]:
    """Return the keys that a script reads, each once, with its first line."""
    constants = path_constants(tree)
    found: dict[tuple[str, str], int] = {}
    _read_scope(tree, None, constants, found)
    return tuple(ParamKey(file, key, found[file, key]) for file, key in sorted(found))


def _read_scope(
    owner: ast.AST,
    above: _Scope | None,
    constants: Mapping[str, str],
    found: dict[tuple[str, str], int],
    nested: int = 0,
) -> None:
    scope = _Scope(above=above)
    nodes = list(_own_nodes(owner))
    for name, value in _bindings(owner, nodes):
        section = _section(value, scope, constants) if value is not None else None
        # A name bound twice: its value at a use is unknown.
        scope.known[name] = None if name in scope.known else section
    inner = {id(_container(node)) for node in nodes if _section(node, scope, constants) is not None}
    for node in nodes:
        if id(node) in inner or not isinstance(node, ast.Subscript | ast.Call):
            continue
        section = _section(node, scope, constants)
        if section is not None and section.parts:
            key = section.file, ".".join(section.parts)
            found[key] = min(node.lineno, found.get(key, node.lineno))
    if nested < _NESTED:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                _read_scope(node, scope, constants, found, nested + 1)


def _own_nodes(owner: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope in text order, including the heads of inner scopes."""
    waiting = list(ast.iter_child_nodes(owner))[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def _bindings(owner: ast.AST, nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for argument in ast.walk(owner.args):
            if isinstance(argument, ast.arg):
                yield argument.arg, None
    values: dict[int, ast.expr] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=value):
                values[id(target)] = value
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                values[id(target)] = value
            case ast.withitem(context_expr=value, optional_vars=ast.Name() as target):
                values[id(target)] = value
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, values.get(id(node))


def _section(
    node: ast.AST, scope: _Scope, constants: Mapping[str, str], nested: int = 0
) -> _Section | None:
    if nested > _NESTED:
        return None
    match node:
        case ast.Name(id=name):
            return scope.get(name)
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return _below(_section(value, scope, constants, nested + 1), key)
        case ast.Call(
            func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(key)), *_]
        ):
            return _below(_section(value, scope, constants, nested + 1), key)
        case ast.Call(func=ast.Attribute(attr="params_show") | ast.Name(id="params_show")):
            return _Section(PARAMS, ()) if not node.args and not node.keywords else None
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[source, *_]):
            if name not in _LOADS or not _is_parser(value):
                return None
            file = _section(source, scope, constants, nested + 1)
            return _Section(file.file, ()) if file is not None and file.parts is None else None
        case ast.Call():
            path = opened_path(node, constants)
            return _Section(path, None) if path is not None else None
    return None


def _below(section: _Section | None, key: str) -> _Section | None:
    if section is None or section.parts is None or "." in key:
        return None
    return _Section(section.file, (*section.parts, key))


def _is_parser(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):  # ruamel's `YAML().load(file)`
        return getattr(node.func, "id", getattr(node.func, "attr", "")) == "YAML"
    return isinstance(node, ast.Name) and node.id in _OWNERS


def _container(node: ast.AST) -> ast.AST | None:
    """Return the expression that contains a key, so that only the whole chain counts."""
    if isinstance(node, ast.Subscript):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value
    return None
