"""Derive the job's conclusion, exit code and outputs from a report, without I/O."""

import json
import re
from collections.abc import Mapping, Sequence
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
    "issue_url",
    "stale_targets",
)
# Targets in the output: as many jobs as one matrix may have.
MOST_TARGETS = 256
# In bytes, for all of them: another step gets them through one variable.
_TARGETS_BYTES = 60_000
_PLAIN = re.compile(r"[A-Za-z0-9_./:@-]")


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
    issue_url: str | None = None,
    stale_targets: Sequence[str] | None = None,
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
        "issue_url": issue_url or "",
        "stale_targets": "" if stale_targets is None else target_list(stale_targets),
    }
    return {name: str(value) for name, value in values.items()}


def target_list(targets: Sequence[str]) -> str:
    """Return targets as a JSON list in which no character means anything to a shell.

    At most `MOST_TARGETS`; the next run names those that are left.
    """
    shown: list[str] = []
    size = 2
    for target in targets[:MOST_TARGETS]:
        text = "".join(map(_escaped, target))
        size += len(text) + 4
        if size > _TARGETS_BYTES:
            break
        shown.append(f'"{text}"')
    return f"[{', '.join(shown)}]"


def _escaped(char: str) -> str:
    if _PLAIN.fullmatch(char):
        return char
    return f"\\u{ord(char):04x}" if char.isascii() else json.dumps(char)[1:-1]
