"""Every format by the one interface, and the rule that words live in templates."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from lineage_diff.cli.main import FORMATS as OFFERED
from lineage_diff.render import templates
from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.change import MetricNote
from lineage_diff.report.json_codec import decode
from tests.support.reports import REPORTS, empty

SHOW = Path(templates.__file__).parent
TEXT = ("terminal", "markdown", "json", "dot", "mermaid")


def test_every_offered_format_is_there() -> None:
    assert sorted(FORMATS) == sorted(OFFERED)


@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_saved_report_shows_the_same_bytes(kind: str, name: str) -> None:
    report, options = REPORTS[name](), ShowOptions(color=True)
    first = FORMATS[kind].render(report, options)
    saved = decode(FORMATS["json"].render(report, options), "saved")
    assert first == FORMATS[kind].render(saved, options) == FORMATS[kind].render(report, options)


@pytest.mark.parametrize("kind", ["markdown", "terminal"])
def test_values_that_json_lacks_show_the_same_bytes(kind: str) -> None:
    odd = [float("nan"), float("inf"), -float("inf"), 2**70, ("a", 1), {"b": 1, "a": None}]
    report = empty(
        metrics={"m.json": {f"k{n}": {"old": value, "new": 0.5} for n, value in enumerate(odd)}},
        metric_notes=(MetricNote("m.json", "k0", "unknown"),),
    )
    first = FORMATS[kind].render(report, ShowOptions())
    saved = decode(FORMATS["json"].render(report, ShowOptions()), "saved")
    assert first == FORMATS[kind].render(saved, ShowOptions())


@pytest.mark.parametrize("file", sorted(SHOW.rglob("*.py")), ids=lambda file: file.name)
def test_words_live_in_templates_and_errors(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    allowed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            allowed.update(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            allowed.add(node.value)
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in allowed
    ]
    for text in said:
        if "(?" not in text and not text.startswith("  "):  # no pattern, no Mermaid
            assert not re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", text), text


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates.render("comment.md.j2")


def test_an_installed_package_uses_its_own_templates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (templates.folder() / "comment.md.j2").is_file()
    monkeypatch.setattr(templates, "PACKAGE", tmp_path)
    (tmp_path / "templates").mkdir()
    assert templates.folder() == tmp_path / "templates"
