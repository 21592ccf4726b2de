"""Derive the job's conclusion, exit code and outputs from a report, without I/O."""

from collections.abc import Mapping
from typing import Literal

from lineage_diff.app.result import Comparison
from lineage_diff.exit_codes import BAD_INPUT, FAIL, PASS
from lineage_diff.github_action.runner.inputs import FailOn

Conclusion = Literal["success", "failure", "neutral"]

OUTPUTS = (
    "conclusion",
    "affected_models",
    "stale_models",
    "errors",
    "warnings",
    "comment_url",
    "report_path",
    "summary_path",
    "failed_conditions",
)


def conclude(done: Comparison, fail_on: FailOn) -> Conclusion:
    """Return the conclusion of the check run, which also determines the job's exit code.

    `neutral`, which passes on GitHub, is a failure with `fail_on: never`. Unreadable input is
    always a failure.
    """
    verdict = done.report.verdict
    if done.unreadable:
        return "failure"
    if fail_on == "warning" and (verdict.errors or verdict.warnings):
        return "failure"
    if fail_on == "never" and verdict.conclusion == "failure":
        return "neutral"
    return verdict.conclusion


def exit_code(done: Comparison, fail_on: FailOn) -> int:
    """Return the exit code of the job, which decides a required check."""
    if done.unreadable:
        return BAD_INPUT
    return FAIL if conclude(done, fail_on) == "failure" else PASS


def outputs(
    done: Comparison | None,
    fail_on: FailOn,
    *,
    comment_url: str | None = None,
    report_path: str | None = None,
    summary_path: str | None = None,
) -> Mapping[str, str]:
    """Return all outputs of `action.yml` by name; inapplicable ones are empty."""
    values: dict[str, object] = dict.fromkeys(OUTPUTS, "")
    if done is not None:
        report = done.report
        values |= {
            "conclusion": conclude(done, fail_on),
            "affected_models": sum(model.affected for model in report.models),
            "stale_models": sum(
                model.freshness == "stale" and model.change != "removed" for model in report.models
            ),
            "errors": report.verdict.errors,
            "warnings": report.verdict.warnings,
        }
    values |= {
        "comment_url": comment_url or "",
        "report_path": report_path or "",
        "summary_path": summary_path or "",
    }
    return {name: str(value) for name, value in values.items()}
