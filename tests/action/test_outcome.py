"""What a verdict means for the job, and the messages about what was not published."""

from typing import Literal, get_args

import pytest
from msgspec.structs import replace

from lineage_diff.app.result import Comparison
from lineage_diff.forge.publication import ImageUrls, Note, NotPublished
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action.outcome import conclude, exit_code, outputs
from lineage_diff.github_action.runner.inputs import FailOn
from lineage_diff.lineage.lineage import Problem
from lineage_diff.report.findings import Verdict
from lineage_diff.report.report import Report
from tests.support.markdown import read
from tests.support.reports import empty, huge, nothing_changed, small, stale

PROBLEM = Problem("invalid-pipeline", "dvc.yaml", "it cannot be read", "Fix it.", 1, None)
NEUTRAL, PASSES, WARNS, FAILS = (
    Verdict("neutral", 0, 0),
    Verdict("success", 0, 0),
    Verdict("success", 0, 2),
    Verdict("failure", 1, 2),
)


@pytest.mark.parametrize(
    ("verdict", "fail_on", "conclusion", "code"),
    [
        (NEUTRAL, "error", "neutral", 0),
        (NEUTRAL, "warning", "neutral", 0),
        (NEUTRAL, "never", "neutral", 0),
        (PASSES, "error", "success", 0),
        (PASSES, "warning", "success", 0),
        (PASSES, "never", "success", 0),
        (WARNS, "error", "success", 0),
        (WARNS, "warning", "failure", 1),
        (WARNS, "never", "success", 0),
        (FAILS, "error", "failure", 1),
        (FAILS, "warning", "failure", 1),
        (FAILS, "never", "neutral", 0),
    ],
)
def test_what_fails_the_job(verdict: Verdict, fail_on: FailOn, conclusion: str, code: int) -> None:
    done = Comparison(empty(verdict=verdict), (), same_commit=False)
    assert (conclude(done, fail_on), exit_code(done, fail_on)) == (conclusion, code)
    unreadable = replace(done, unreadable=(PROBLEM,))
    assert (conclude(unreadable, fail_on), exit_code(unreadable, fail_on)) == ("failure", 2)


def test_outputs_count_what_the_report_says() -> None:
    done = Comparison(stale(), (), same_commit=False)
    found = outputs(done, "error", comment_url="https://x", report_path="a/report.json")
    assert found["affected_models"] == "2"
    assert found["stale_models"] == "1"
    assert (found["errors"], found["warnings"]) == ("2", "1")
    assert found["summary_path"] == ""
    assert set(outputs(None, "error").values()) == {""}


NOTES = [
    Note(what, why, "Resource not accessible by integration")
    for what in get_args(Literal["comment", "check", "images", "cleanup", "issue"])
    for why in get_args(NotPublished)
]


@pytest.mark.parametrize("note", NOTES, ids=lambda note: f"{note.what}-{note.why}")
def test_every_note_is_one_line_that_says_what_and_why(note: Note) -> None:
    (line,) = texts.note_lines([note], fork=False, report_path="")
    assert "\n" not in line
    assert line.endswith("Resource not accessible by integration")
    assert line.count(": ") >= 2
    (short,) = texts.note_lines([replace(note, detail="")], fork=False, report_path="")
    assert "GitHub's answer" not in short


def test_all_that_a_fork_s_token_may_not_do_is_one_line() -> None:
    notes = [Note("images", "forbidden"), Note("comment", "forbidden"), Note("check", "forbidden")]
    (line,) = texts.note_lines(notes, fork=True, report_path="out/report.json")
    assert "`out/report.json`" in line
    assert "`lineage-comment.yml`" in line
    assert (
        len(texts.note_lines([*notes, Note("comment", "locked")], fork=True, report_path="")) == 2
    )


@pytest.mark.parametrize(
    ("report", "title"),
    [
        (empty(verdict=NEUTRAL), "no DVC project found"),
        (nothing_changed(), "nothing changed"),
        (stale(), "1 model is stale, 1 retrained, 1 metric regressed, 1 metric gone"),
        (
            replace(nothing_changed(), comparison="direct", base=small().head, head=small().head),
            "1 model is fresh, every stage fresh",
        ),
    ],
)
def test_the_check_run_has_its_outcome_for_a_title(report: Report, title: str) -> None:
    assert texts.check_title(report) == title


def test_only_findings_at_a_file_are_annotations() -> None:
    findings = (replace(stale().findings[0], line=None), replace(stale().findings[0], file=None))
    (annotation,) = texts.annotations(empty(findings=findings))
    assert (annotation.path, annotation.line, annotation.level) == (
        "ranking/dvc.lock",
        1,
        "failure",
    )


def test_no_more_workflow_commands_than_github_shows() -> None:
    lines = texts.workflow_commands(huge(50))
    assert len(lines) == texts.COMMANDS
    hostile = replace(stale().findings[0], message="a\n::set-output::b\u2028::error::c")
    (line,) = texts.workflow_commands(empty(findings=(hostile,)))
    assert line.startswith("::error ")
    assert "\n" not in line
    assert texts.workflow_commands(empty()) == ()


@pytest.mark.parametrize("report", [small(), huge(3_000)], ids=["small", "huge"])
def test_every_text_keeps_to_github_s_limits(report: Report) -> None:
    comment = texts.comment_text(report, "auto")
    urls = ImageUrls("https://x.example/l.png", "https://x.example/d.png")
    assert max(len(comment(urls)), len(comment(None))) <= 64_536
    assert len(texts.check_summary(report)) <= 65_535
    assert len(texts.summary_text(report, "auto").encode()) <= 1_000_000


def test_the_summary_has_more_room_than_the_comment() -> None:
    report = huge(600)
    assert "`00599/model.onnx`" in texts.summary_text(report, "auto")
    assert "`00599/model.onnx`" not in texts.comment_text(report, "auto")(None)


def test_whose_word_a_fork_s_report_is_stands_below_it() -> None:
    below = texts.origin_appender("https://github.com/o/r/actions/runs/1", "someone/models")
    reading = read(texts.comment_text(stale(), "auto", below)(None))
    assert "someone/models" in reading.codes
    assert "a" in reading.tags
