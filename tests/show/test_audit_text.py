"""The audit's formats: what a repository holds comes alive in none of them."""

import csv
import math
from dataclasses import replace

import pytest
from tests.support.markdown import read

from lineage_diff.audit.answers import (
    Fix,
    History,
    HistoryStep,
    Impact,
    ImpactedModel,
    Input,
    MadeFrom,
    MetricValue,
    ParamUsed,
    Retrained,
    RunStep,
    Trace,
)
from lineage_diff.compare.change import Cause, Reason, Side, Unknown
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.lineage.timeline import CommitInfo, Unreadable
from lineage_diff.report.audit_encode import decode_audit, encode_audit, storable_audit
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.report import Repository, Revision, Tool
from lineage_diff.show.audit_csv import audit_csv
from lineage_diff.show.audit_formats import AUDIT_FORMATS, render_audit
from lineage_diff.show.audit_text import audit_markdown, audit_terminal
from lineage_diff.show.formats import ShowOptions

HOSTILE = (
    "<script>alert(1)</script>",
    "a|b\n\n# heading",
    "@everyone #1 https://example.com/x",
    "[link](https://example.com) ![x](https://example.com/x.png)",
    "=HYPERLINK(1)",
    "[bold red]x[/]\x1b[31m\u202e",
    "`` ` ``",
)


def report_of(text: str) -> AuditReport:
    """Return a report with a text wherever a repository decides what stands there."""
    commit = CommitInfo("1" * 40, text, "2026-01-02T03:04:05+02:00", text, 7)
    registered = (RegistryVersion(text, text, text, "2" * 40, (text,), active=False),)
    version = Side("md5:" + "3" * 32, 1000, 3)
    metric = MetricValue(text, text, text)
    cause = Cause("param", text, "modified", text, [text], (text, text))
    trace = Trace(
        path=text,
        name=text,
        commit="1" * 40,
        stage=text,
        identified_by="artifact",
        version=version,
        made=commit,
        freshness="stale",
        freshness_then="unknown",
        reasons=(Reason("dep-changed", text, text, text, text, text),),
        runs=(
            RunStep(text, [text, text], (text,), (text,), commit),
            RunStep(text, text, (), (), None),
        ),
        inputs=(Input("import", text, version, None, text, text, (text,)),),
        params=(ParamUsed(text, text, text, commit),),
        metrics=(metric,),
        registered=registered,
    )
    step = HistoryStep(
        commit, text, "moved", text, version, version, (cause,), (metric,), registered, text, text
    )
    made = MadeFrom(version, commit, None, (text,), registered)
    return AuditReport(
        tool=Tool("lineage-diff", "1"),
        repository=Repository(None),
        revision=Revision(text, "1" * 40),
        complete=False,
        traces=(trace,),
        histories=(
            History(text, None, (step, replace(step, commit=None, beside=True))),
            History(text, text, (step,)),
        ),
        impacts=(Impact(text, text, (text,), (ImpactedModel(text, text, (made,), commit),)),),
        fixes=(Fix(text, commit, (Retrained(text, text, "yes", commit),)),),
        unreadable=(Unreadable("1" * 40, text, text),),
        unknowns=(Unknown(text, text),),
    )


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


def test_a_path_that_is_no_utf8_survives() -> None:
    report = report_of("caf\udce9.pkl")
    assert decode_audit(encode_audit(report), "audit.json").traces[0].path == "caf\\udce9.pkl"


@pytest.mark.parametrize("name", sorted(AUDIT_FORMATS))
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
