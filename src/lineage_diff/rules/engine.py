"""Run the rules on a change with a team's policy, and return findings and a verdict."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding, SuppressedFinding, Verdict
from lineage_diff.rules.facts import NO_FACTS, RuleFacts
from lineage_diff.rules.moved import moves_of
from lineage_diff.rules.registry import all_rules
from lineage_diff.rules.rule import Command, Context, Rule
from lineage_diff.rules.suppression import comment_suppressor, ignorer, policy_suppressor

__all__ = ["all_rules", "are_excused", "check_rules", "find_all", "find_some", "select_findings"]

Found = tuple[tuple[Rule, tuple[Finding, ...]], ...]
"""The findings of each rule before suppression."""

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

    Findings suppressed by the policy or by a comment in a `dvc.yaml` are left out.
    The verdict is a failure if any finding is an error.
    """
    context = Context(change, base, head, policy, base_facts, head_facts)
    return select_findings(context, find_all(context, command))


def find_all(context: Context, command: Command = "compare") -> Found:
    """Run every rule of the command that the policy does not turn off."""
    return _found(context, (rule for rule in all_rules() if command in rule.runs))


def find_some(context: Context, names: Collection[str]) -> Found:
    """Run the rules with these names that the policy does not turn off."""
    return _found(context, (rule for rule in all_rules() if rule.name in names))


def _found(context: Context, rules: Iterable[Rule]) -> Found:
    return tuple((rule, tuple(_findings(rule, context))) for rule in rules)


def are_excused(policy: Policy, found: Found) -> bool:
    """Whether a finding is milder than its rule, because it existed before the change."""
    return any(
        finding.severity != _severity(rule, policy)
        for rule, findings in found
        for finding in findings
    )


def select_findings(context: Context, found: Found) -> tuple[tuple[Finding, ...], Verdict]:
    """Return the findings that are not suppressed, worst first, with the verdict."""
    moved = moves_of(context)
    ignored = ignorer(context.policy, moved)
    by_comment, by_policy = comment_suppressor(context), policy_suppressor(context.policy, moved)
    left: set[Finding] = set()
    suppressed: set[tuple[Finding, SuppressedFinding]] = set()
    for rule, findings in found:
        reported: list[Finding] = []
        for finding in findings:
            if ignored(finding):
                continue
            if (why := by_comment(finding)) is not None:
                suppressed.add((finding, _suppressed(finding, "comment", why)))
            elif (why := by_policy(finding)) is not None:
                suppressed.add((finding, _suppressed(finding, "policy", why)))
            else:
                reported.append(finding)
        left.update(rule.fold(reported) if rule.fold is not None else reported)
    selected = tuple(sorted(left, key=_key))
    verdict = verdict_of(selected, bool(context.base.stages or context.head.stages))
    quiet = sorted(suppressed, key=lambda pair: _key(pair[0]))
    return selected, replace(verdict, suppressed=tuple(item for _, item in quiet))


def _suppressed(
    finding: Finding, by: Literal["comment", "policy"], reason: str
) -> SuppressedFinding:
    return SuppressedFinding(
        finding.rule, finding.severity, finding.subject, by, reason, finding.file, finding.line
    )


def verdict_of(findings: tuple[Finding, ...], has_stages: bool = True) -> Verdict:
    """Count the findings; `has_stages` is false if neither commit has a stage."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    conclusion: Literal["success", "failure", "neutral"] = "failure" if errors else "success"
    if not errors and not has_stages:
        conclusion = "neutral"
    return Verdict(conclusion, errors, warnings)


def _findings(rule: Rule, context: Context) -> Iterator[Finding]:
    """Run one rule with its severity from the policy.

    A finding that existed before the change stays milder: never above its own severity. One that
    is more severe than its rule has the severity that the policy sets for its subject.
    """
    wanted = _severity(rule, context.policy)
    if wanted == "off":
        return
    for finding in rule.check(context):
        severity = wanted
        if _ORDER.index(finding.severity) > _ORDER.index(rule.severity):
            severity = max(finding.severity, wanted, key=_ORDER.index)
        elif _ORDER.index(finding.severity) < _ORDER.index(rule.severity):
            severity = finding.severity
        # Line 1 means the whole file, as in GitHub's annotations.
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
