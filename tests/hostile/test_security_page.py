"""docs/security.md names tests that there are, and every hostile one."""

import ast
import re
from itertools import pairwise
from pathlib import Path

from msgspec.structs import asdict

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
    tree = ast.parse(Path(limits.__file__).read_text(encoding="utf-8"))
    (raisable,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    reasons = {
        name.target.id: text.value.value
        for name, text in pairwise(raisable.body)
        if isinstance(name, ast.AnnAssign)
        and isinstance(name.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert [(key, usual, why) for key, usual, why in rows] == sorted(
        (limits.key(name), f"{usual:,}", reasons[name])
        for name, usual in asdict(limits.USUAL).items()
    )
