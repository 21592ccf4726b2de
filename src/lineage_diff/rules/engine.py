"""The judge: a change and a team's policy in, findings and a verdict out."""

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.rules.facts import NO_FACTS, RuleFacts
from lineage_diff.rules.registry import all_rules
from lineage_diff.rules.rule import Command, Context, Rule
from lineage_diff.rules.suppression import Moved, ignorer, policy_silencer, silencer

__all__ = ["all_rules", "are_excused", "check_rules", "find_all", "select_findings"]

Found = tuple[tuple[Rule, tuple[Finding, ...]], ...]
"""What each rule found, before anything is silenced."""

_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


def check_rules(
    change: Change,
    base: Lineage,
    head: Lineage,
    policy: Policy,
    command: Command = "compare",
    *,
    base_facts: RuleFacts = NO_FACTS,
    head_facts: RuleFacts = NO_FACTS,
) -> tuple[tuple[Finding, ...], Verdict]:
    """Run every rule of the command that the policy does not turn off; worst findings first.

    Findings that the policy, or a comment in a `dvc.yaml`, silences are left out.
    The verdict is a failure when any finding is an error.
    """
    context = Context(change, base, head, policy, base_facts, head_facts)
    return select_findings(context, find_all(context, command))


def find_all(context: Context, command: Command = "compare") -> Found:
    """Run every rule of the command that the policy does not turn off."""
    rules = (rule for rule in all_rules() if command in rule.runs)
    return tuple((rule, tuple(_findings(rule, context))) for rule in rules)


def are_excused(policy: Policy, found: Found) -> bool:
    """Whether a finding is milder than its rule, as one is that was there before the change."""
    return any(
        finding.severity != _severity(rule, policy)
        for rule, findings in found
        for finding in findings
    )


def select_findings(context: Context, found: Found) -> tuple[tuple[Finding, ...], Verdict]:
    """Leave out what is silenced; worst findings first, with the verdict."""
    moved = Moved(context.change, context.base.stages)
    ignored = ignorer(context.policy, moved)
    silenced = silencer(context)
    known = policy_silencer(context.policy, moved)
    left: set[Finding] = set()
    for rule, findings in found:
        told = [
            finding
            for finding in findings
            if not (ignored(finding) or silenced(finding) or known(finding))
        ]
        left.update(rule.fold(told) if rule.fold is not None else told)
    settled = tuple(sorted(left, key=_key))
    return settled, verdict_of(settled, bool(context.base.stages or context.head.stages))


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
    wanted = _severity(rule, context.policy)
    if wanted == "off":
        return
    for finding in rule.check(context):
        severity = wanted
        if _ORDER.index(finding.severity) > _ORDER.index(rule.severity):
            severity = max(finding.severity, wanted, key=_ORDER.index)
        # The first line stands for a file as a whole, as GitHub's annotations have it.
        line = finding.line or (1 if finding.file is not None else None)
        yield replace(finding, severity=severity, line=line)


def _severity(rule: Rule, policy: Policy) -> Severity | Literal["off"]:
    return policy.rules.get(rule.name, rule.severity)


def _key(finding: Finding) -> tuple[int, str, str, int, str, str]:
    return (
        _ORDER.index(finding.severity),
        finding.rule,
        finding.file or "",
        finding.line or 0,
        finding.subject,
        finding.message,
    )
