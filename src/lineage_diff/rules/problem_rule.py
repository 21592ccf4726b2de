"""Build rules that report the problems found while reading a commit's files; list such files."""

from collections.abc import Iterator

from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.policy import Severity
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage, problem
from lineage_diff.rules.rule import EVERYWHERE, Context, Example, Rule

# Rules that already report an error.
_REPORTING_RULES = frozenset(
    (
        "duplicate-key",
        "invalid-pipeline",
        "lock-conflict",
        "missing-object",
        "newer-lock",
        "unresolved-variable",
    )
)


def problem_rule(
    name: str,
    severity: Severity,
    *,
    summary: str,
    why: str,
    hint: str,
    file: str,
    message: str,
    fails: str,
    passes: str,
    by_comment: bool = True,
) -> Rule:
    """Return the rule for the problems of one name. `file` and `message` are an example."""

    def check(context: Context) -> Iterator[Finding]:
        now = {(item.file, item.message) for item in context.head.problems if item.rule == name}
        for item in context.head.problems:
            if item.rule == name:
                yield _finding(item, severity)
        if severity == "info":
            return
        for item in context.base.problems:
            if item.rule == name and (item.file, item.message) not in now:
                yield _finding(item, "warning", " (in the base commit only)")

    broken = lineage(TRAIN, problems=(problem(name, file, message),))
    return Rule(
        name=name,
        severity=severity,
        summary=summary,
        why=why,
        hint=hint,
        check=check,
        fails=Example(fails, context(head=broken)),
        passes=Example(passes, context()),
        runs=EVERYWHERE,
        by_comment=by_comment,
    )


def reported_files(context: Context) -> frozenset[str]:
    """Return the unreadable files that another rule reports as an error."""
    milder = {rule for rule, severity in context.policy.rules.items() if severity != "error"}
    milder |= {each.rule for each in context.policy.suppressions}
    milder |= {rule for each in context.head_facts.ignore_comments for rule in each.rules}
    files: set[str] = set()
    for item in context.head.problems:
        if item.rule in _REPORTING_RULES - milder:
            files.add(item.file)
            if item.pipeline is not None:
                files.add(item.pipeline)
    return frozenset(files)


def _finding(item: Problem, severity: Severity, where: str = "") -> Finding:
    return Finding(
        item.rule, severity, item.file, item.message + where, item.hint, item.file, item.line
    )
