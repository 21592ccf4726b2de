"""One name, one meaning: a reader who has met a class once knows it wherever it is named."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import lineage_diff

PACKAGE = Path(lineage_diff.__file__).parent
# The demo's project is what a user would write, not a part of ours.
DEMO = ("project", "change")
# A statement stands at the start of a line; most modules have no class, and need no parsing.
_MAY_BE_CLASS = re.compile(r"^[ \t]*class\b", re.MULTILINE)


def classes(text: str) -> Iterator[str]:
    """Yield the names of all classes of a module, in functions and classes too."""
    left: list[ast.AST] = [ast.parse(text)] if _MAY_BE_CLASS.search(text) else []
    while left:
        node = left.pop()
        if isinstance(node, ast.ClassDef):
            yield node.name
        # No expression holds a class.
        left += (
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
        )


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for file in PACKAGE.rglob("*.py"):
        path = file.relative_to(PACKAGE)
        if path.parts[0] == "demo" and path.parts[1] in DEMO:
            continue
        for name in classes(file.read_text(encoding="utf-8")):
            places[name].append(path.as_posix())
    assert len(places) > 200
    assert {name: files for name, files in sorted(places.items()) if len(files) > 1} == {}
