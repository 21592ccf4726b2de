"""Every format by the one interface, and the rule that words live in templates."""

import ast
import re
from inspect import Parameter, signature
from pathlib import Path
from pkgutil import resolve_name
from typing import get_args

import pytest
from jinja2 import UndefinedError

from lineage_diff.render import templates
from lineage_diff.render.formats import FORMATS, Kind, format_names, formats_by_suffix
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_audit, render_report
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.change import MetricNote
from lineage_diff.report.experiments_report import ExperimentsReport
from lineage_diff.report.organization.report import OrganizationReport
from lineage_diff.report.promotion import PromotionReport
from lineage_diff.report.report import Report, decode_report
from tests.support.audit_reports import report_of
from tests.support.reports import REPORTS, empty

SHOW = Path(templates.__file__).parent
TYPES = {
    "audit": AuditReport,
    "experiments": ExperimentsReport,
    "promotion": PromotionReport,
    "organization": OrganizationReport,
}
TEXT = ("terminal", "markdown", "json", "dot", "mermaid")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_function_of_the_table_is_there_and_takes_its_options(kind: Kind) -> None:
    for name in format_names(kind):
        renderer = getattr(FORMATS[name], kind)
        report, *options = signature(resolve_name(renderer.function)).parameters.values()
        assert report.annotation is TYPES.get(kind, Report)
        assert set(renderer.options) <= {option.name for option in options}
        assert set(renderer.options) <= set(ShowOptions.__struct_fields__)
        required = {option.name for option in options if option.default is Parameter.empty}
        assert required <= set(renderer.options)


def test_no_suffix_means_two_formats() -> None:
    suffixes = [suffix for item in FORMATS.values() for suffix in item.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert formats_by_suffix("report")[".gv"] == "dot"
    assert ".csv" not in formats_by_suffix("report")
    assert formats_by_suffix("audit")[".csv"] == "csv"


def test_a_format_of_the_other_kind_is_none() -> None:
    with pytest.raises(KeyError, match="csv"):
        render_report("csv", empty(), ShowOptions())
    with pytest.raises(KeyError, match="svg"):
        render_audit("svg", report_of("x"), ShowOptions())


@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_saved_report_shows_the_same_bytes(kind: str, name: str) -> None:
    report, options = REPORTS[name](), ShowOptions(color=True)
    first = render_report(kind, report, options)
    saved = decode_report(render_report("json", report, options), "saved")
    assert first == render_report(kind, saved, options) == render_report(kind, report, options)


@pytest.mark.parametrize("kind", ["markdown", "terminal"])
def test_values_that_json_lacks_show_the_same_bytes(kind: str) -> None:
    odd = [float("nan"), float("inf"), -float("inf"), 2**70, ("a", 1), {"b": 1, "a": None}]
    report = empty(
        metrics={"m.json": {f"k{n}": {"old": value, "new": 0.5} for n, value in enumerate(odd)}},
        metric_notes=(MetricNote("m.json", "k0", "unknown"),),
    )
    first = render_report(kind, report, ShowOptions())
    saved = decode_report(render_report("json", report, ShowOptions()), "saved")
    assert first == render_report(kind, saved, ShowOptions())


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
