"""The log of the job: the verdict in five lines at its end, and all the rest folded."""

import re

import pytest

from lineage_diff.github_action.messages import verdict_text
from lineage_diff.github_action.outcome import Conclusion
from lineage_diff.github_action.runner.inputs import FailOn
from lineage_diff.lineage.policy import Severity
from lineage_diff.report.findings import Finding, Verdict
from tests.action.payloads import HOME
from tests.action.scene import Scene
from tests.support.reports import empty

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)
# What the runner folds, and the commands that it shows no text of.
_GROUP = re.compile(r"^::group::(.*)\n(?:.*\n)*?::endgroup::\n", re.MULTILINE)
_STOP = re.compile(r"^::(?:stop-commands::)?[0-9a-f]{32}(?:::)?\n", re.MULTILINE)


def visible_lines(log: str) -> list[str]:
    """Return the lines of a log that are seen while its groups are closed."""
    return _STOP.sub("", _GROUP.sub("", log)).splitlines()


@ONE_SERVER
def test_the_log_ends_with_the_verdict_and_folds_the_report(scene: Scene) -> None:
    done = scene.look()
    assert _GROUP.findall(done.log) == ["Report"]
    begin, *verdict = visible_lines(done.log)
    assert begin.startswith("lineage-diff ")
    run = f"{scene.github.url}/{HOME}/actions/runs/{scene.runner.run}"
    first, error, last = verdict
    assert first == "🔴 1 model is stale. Verdict: fail, 1 error, 0 warnings."
    assert error.startswith("❌ dvc.yaml:2 stale-model: `model.pkl` is stale: `train.py` ")
    assert error.endswith(" → Run `dvc repro train` and commit the lock file.")
    places = f"{done.outputs['comment_url']}, {run}, lineage-diff-report/report.json"
    assert last == f"In full: {places}"


@ONE_SERVER
def test_annotations_are_folded_too(scene: Scene) -> None:
    done = scene.look(check="false")
    assert _GROUP.findall(done.log) == ["Report", "Annotations"]
    assert len(visible_lines(done.log)) == 4


def finding(number: int, severity: Severity) -> Finding:
    return Finding("a-rule", severity, f"s{number}", f"m{number}\nx", "fix it", "dvc.yaml", number)


@pytest.mark.parametrize(
    ("errors", "warnings", "fail_on", "conclusion", "listed", "more"),
    [
        (0, 0, "error", "success", 0, 0),
        (0, 2, "error", "success", 0, 0),
        (0, 2, "warning", "failure", 2, 0),
        (3, 2, "error", "failure", 3, 0),
        (3, 2, "warning", "failure", 2, 3),
        (40, 0, "error", "failure", 2, 38),
        (1, 0, "never", "neutral", 1, 0),
    ],
)
def test_the_verdict_has_at_most_five_lines(
    errors: int, warnings: int, fail_on: FailOn, conclusion: Conclusion, listed: int, more: int
) -> None:
    found = [finding(number, "error") for number in range(1, errors + 1)]
    found += [finding(number, "warning") for number in range(1, warnings + 1)]
    report = empty(
        findings=tuple(found),
        verdict=Verdict("failure" if errors else "success", errors, warnings),
    )
    first, *lines, last = verdict_text(report, conclusion, fail_on, ["here", "there"]).splitlines()
    passes = "fail" if conclusion == "failure" else "pass"
    assert f"Verdict: {passes}, {errors} error" in first
    assert ("(fail_on: " in first) == (fail_on != "error")
    assert sum(line[0] in "❌⚠" for line in lines) == listed
    counted = [f'… and {more} more, in the group "Report" of this log'] if more else []
    assert lines[listed:] == counted
    assert last == "In full: here, there"
    assert len(lines) <= 3


def test_a_long_finding_is_one_line() -> None:
    long = "\u2028\n::error::" + "long " * 1_000
    one = Finding("a-rule", "error", long, long, long, long, 3)
    report = empty(findings=(one,) * 9, verdict=Verdict("failure", 9, 0))
    lines = verdict_text(report, "failure", "error", ["x"]).splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) < 700
