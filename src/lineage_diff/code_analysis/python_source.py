"""Parse a Python script without running it: imports, read paths, and params keys."""

import ast
import warnings
from collections.abc import Iterator

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.code_analysis.python_params import ParamKey, params_read
from lineage_diff.code_analysis.python_paths import LiteralPath, paths_read
from lineage_diff.parsing.values_file import is_python_too_deep


class ImportedName(Struct, frozen=True):
    """One import: `from {level dots}{module} import {names}`, or `import {module}`."""

    module: str
    level: int
    names: tuple[str, ...]
    line: int


class PythonSource(Struct, frozen=True):
    """The result of parsing a script. `empty` if it has only comments and strings."""

    imports: tuple[ImportedName, ...] = ()
    reads: tuple[LiteralPath, ...] = ()
    params: tuple[ParamKey, ...] = ()
    empty: bool = False


def parse_source(content: bytes) -> PythonSource:
    """Parse a script; the result is blank if it is too large, too deep or not Python 3."""
    # Its brackets and quotes are ASCII, whatever its encoding is.
    if len(content) > limits.SCRIPT_BYTES or is_python_too_deep(content.decode("latin-1")):
        return PythonSource()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return PythonSource()
    return PythonSource(
        tuple(_imports(tree)),
        paths_read(tree),
        params_read(tree),
        all(
            isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
            for item in tree.body
        ),
    )


def _imports(tree: ast.Module) -> Iterator[ImportedName]:
    """Yield the imports that the script may run, without those for type checkers."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ImportedName(alias.name, 0, (), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield ImportedName(node.module or "", node.level, names, node.lineno)
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.stmt | ast.Module | ast.ExceptHandler | ast.match_case):
            waiting += ast.iter_child_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"
