"""docs/security.md names tests that there are, and every hostile one."""

import ast
import re
from itertools import pairwise
from pathlib import Path

from lineage_diff import limits

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([\w/]+\.py::\w+)`", PAGE))


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {f"{file.relative_to(TESTS)}::{name}" for name in names if name.startswith("test_")}


def test_every_named_test_exists() -> None:
    files = {name.partition("::")[0] for name in NAMED}
    assert set().union(*(functions(TESTS / file) for file in files)) >= NAMED


def test_every_hostile_test_is_named() -> None:
    hostile = set().union(*(functions(file) for file in Path(__file__).parent.glob("test_*.py")))
    assert hostile - functions(Path(__file__)) <= NAMED


def test_every_line_names_a_test() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ") and "Tests |" not in row]
    rows = [row for row in rows if not row.startswith(("| `", "| Key"))]
    assert len(rows) > 25
    assert all(re.search(r"::\w+` \|$", row) for row in rows)


def test_the_limits_on_the_page_are_the_usual_ones() -> None:
    _, _, rest = PAGE.partition("<!-- limits -->")
    rows = re.findall(r"^\| `([\w-]+)` \| ([\d,]+) \| (.*) \|$", rest, re.MULTILINE)
    body = ast.parse(Path(limits.__file__).read_text(encoding="utf-8")).body
    reasons = {
        name.targets[0].id: text.value.value
        for name, text in pairwise(body)
        if isinstance(name, ast.Assign)
        and isinstance(name.targets[0], ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert [(key, usual, why) for key, usual, why in rows] == sorted(
        (limits.key(name), f"{getattr(limits, name):,}", reasons[name]) for name in limits.RAISABLE
    )
