"""The judge: a change and a team's policy in, findings and a verdict out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from lineage_diff.compare.change import Change
from lineage_diff.compare.globs import matcher
from lineage_diff.judge.catalog import all_rules
from lineage_diff.judge.finding import Finding, Verdict
from lineage_diff.judge.rule import Command, Context, Rule
from lineage_diff.judge.silence import policy_silencer, silencer
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity

__all__ = ["all_rules", "judge"]

_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


def judge(
    change: Change, base: Lineage, head: Lineage, policy: Policy, command: Command = "compare"
) -> tuple[tuple[Finding, ...], Verdict]:
    """Run every rule of the command that the policy does not turn off; worst findings first.

    Findings that the policy, or a comment in a `dvc.yaml`, silences are left out.
    The verdict is a failure when any finding is an error.
    """
    context = Context(change, base, head, policy)
    ignored = matcher(policy.ignore)
    silenced, known = silencer(base, head), policy_silencer(policy)
    found: set[Finding] = set()
    for rule in all_rules():
        if command in rule.runs:
            told = [
                finding
                for finding in _findings(rule, context)
                if not (ignored(finding.subject) or (finding.file and ignored(finding.file)))
                and not (silenced(finding) or known(finding))
            ]
            found.update(rule.fold(told) if rule.fold is not None else told)
    findings = tuple(sorted(found, key=_key))
    return findings, verdict_of(findings, bool(base.stages or head.stages))


def verdict_of(findings: tuple[Finding, ...], judged: bool = True) -> Verdict:
    """Count the findings; `judged` is false where there was no stage at all."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    conclusion: Literal["success", "failure", "neutral"] = "failure" if errors else "success"
    if not errors and not judged:
        conclusion = "neutral"
    return Verdict(conclusion, errors, warnings)


def _findings(rule: Rule, context: Context) -> Iterator[Finding]:
    """Run one rule with the severity that the policy gives it.

    What was there before the change stays milder than that: never above its own severity.
    """
    wanted = context.policy.rules.get(rule.name, rule.severity)
    if wanted == "off":
        return
    for finding in rule.check(context):
        severity = wanted
        if _ORDER.index(finding.severity) > _ORDER.index(rule.severity):
            severity = max(finding.severity, wanted, key=_ORDER.index)
        # The first line stands for a file as a whole, as GitHub's annotations have it.
        line = finding.line or (1 if finding.file is not None else None)
        yield replace(finding, severity=severity, line=line)


def _key(finding: Finding) -> tuple[int, str, str, int, str, str]:
    return (
        _ORDER.index(finding.severity),
        finding.rule,
        finding.file or "",
        finding.line or 0,
        finding.subject,
        finding.message,
    )
