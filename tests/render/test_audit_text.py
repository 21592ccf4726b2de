"""The audit's formats: what a repository holds comes alive in none of them."""

import csv
import math

import msgspec
import pytest
from msgspec.structs import replace

from lineage_diff.render.audit_text import audit_markdown, audit_terminal
from lineage_diff.render.exports.csv import audit_csv
from lineage_diff.render.formats import format_names
from lineage_diff.render.html.audit import audit_html
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_audit
from lineage_diff.report.answers import History, ParamUsed
from lineage_diff.report.audit_report import audit_parts, decode_audit, encode_audit, storable_audit
from lineage_diff.report.json_codec import formatted
from tests.support.audit_reports import HOSTILE, report_of
from tests.support.markdown import read


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_stays_text(text: str) -> None:
    plain, found = (read(audit_markdown(report_of(item))) for item in ("plain", text))
    assert found.tags <= plain.tags | {"code"}
    assert found.rows == plain.rows
    assert not any(word in bare for bare in found.bare for word in ("@everyone", "https://", "#1"))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_terminal_gets_no_escapes(text: str) -> None:
    shown = audit_terminal(report_of(text), color=False, width=100)
    assert not {"\x1b", "\u202e"} & set(shown)
    if "[" in text:
        assert "".join(text.split())[:6] in "".join(shown.split())


def test_the_terminal_counts_the_models_beyond_a_hundred() -> None:
    report = report_of("x")
    many = replace(report, traces=report.traces[:1] * 250, histories=report.histories[:1] * 250)
    shown = audit_terminal(many, color=False, width=100)
    assert "150 more models, in the report (--format json or html)" in shown
    assert shown.count("Made from") < 150


@pytest.mark.parametrize(
    ("hashes", "told"), [((), "1 model"), (("git:1",), "1 model, from 1 recorded version of it")]
)
def test_an_impact_counts_versions_of_a_file_and_not_those_of_a_folder(
    hashes: tuple[str, ...], told: str
) -> None:
    report = report_of("src")
    report = replace(report, impacts=(replace(report.impacts[0], hashes=hashes),))
    lines = audit_terminal(report, color=False, width=100).splitlines()
    assert f"Made from src: {told}" in lines
    assert f"<p>{told}.</p>" in audit_html(report)


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_holds_no_formula_and_whole_lines(text: str) -> None:
    rows = list(csv.reader(audit_csv(report_of(text)).splitlines(keepends=True)))
    assert {len(row) for row in rows} == {16}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_values_that_json_does_not_know_survive() -> None:
    report = report_of("x")
    odd = (ParamUsed("p", math.nan, "s", None), ParamUsed("q", 2**80, "s", None))
    report = replace(report, traces=(replace(report.traces[0], params=odd),))
    again = decode_audit(encode_audit(report), "audit.json")
    assert again == storable_audit(report)
    assert [item.value for item in again.traces[0].params] == ["NaN", str(2**80)]


@pytest.mark.parametrize("text", ["plain", *HOSTILE])
def test_the_json_in_parts_has_the_layout_of_the_whole(text: str) -> None:
    report = report_of(text)
    data = encode_audit(report)
    assert data == formatted(msgspec.json.encode(msgspec.json.decode(data)))
    assert len(list(audit_parts(report))) > len(report.traces) + len(report.histories)


def test_a_path_that_is_no_utf8_survives() -> None:
    report = report_of("caf\udce9.pkl")
    assert decode_audit(encode_audit(report), "audit.json").traces[0].path == "caf\\udce9.pkl"


@pytest.mark.parametrize("name", sorted(format_names("audit")))
def test_a_saved_report_reads_the_same(name: str) -> None:
    report = report_of("plain")
    again = decode_audit(encode_audit(report), "audit.json")
    assert render_audit(name, report, ShowOptions()) == render_audit(name, again, ShowOptions())


def test_long_lists_grow_shorter_until_they_fit() -> None:
    report = report_of("plain")
    step = report.histories[0].steps[0]
    report = replace(report, histories=(History("plain", None, (step,) * 300),))
    whole = audit_markdown(report)
    assert "… and 200 more" in whole
    short = audit_markdown(report, len(whole) // 2)
    assert len(short.encode()) <= len(whole) // 2
    assert "… and 275 more" in short
    with pytest.raises(ValueError, match=r"^10$"):
        audit_markdown(report, 10)
