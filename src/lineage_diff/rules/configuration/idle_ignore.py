"""`idle-ignore`: an ignore comment, or an entry of `silence`, without effect."""

from collections.abc import Iterator

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import EVERYWHERE, Context, Example, Rule
from lineage_diff.rules.rule_names import RULE_NAMES
from lineage_diff.rules.suppression import can_match
from lineage_diff.rules.wording import code
from lineage_diff.text import closest_matches

NAME = "idle-ignore"


def _check(context: Context) -> Iterator[Finding]:
    for comment in context.head_facts.ignore_comments:
        if not comment.reason:
            yield _finding(
                comment,
                "the comment has no reason, so it suppresses nothing",
                "Write the reason after the bracket, on the same line.",
            )
        for rule in comment.rules:
            if rule not in RULE_NAMES:
                near = closest_matches(rule, RULE_NAMES)
                yield _finding(
                    comment,
                    f"the comment names {code(rule)}, but there is no such rule",
                    f"Did you mean {code(near[0])}?"
                    if near
                    else "`lineage-diff rules` lists them.",
                )
    yield from _idle_entries(context)


def _idle_entries(context: Context) -> Iterator[Finding]:
    policy = context.policy
    # A shared entry need not match in each repository.
    own = [entry for entry in policy.suppressions if not entry.shared]
    if policy.source is None or all(entry.path is None for entry in own):
        return
    matches = can_match(context)
    for entry in own:
        if entry.path is not None and not matches(entry.path):
            yield Finding(
                NAME,
                "info" if policy.source in context.trusted_facts.configuration else "warning",
                f"{policy.source}:{entry.line}",
                f"the entry for {code(entry.rule)} has the path {code(entry.path)}, which matches "
                "no file, path or stage",
                "Correct its `path`, or delete the entry.",
                policy.source,
                entry.line,
            )


def _finding(comment: IgnoreComment, message: str, hint: str) -> Finding:
    place = f"{comment.file}:{comment.line}"
    return Finding(NAME, "warning", place, message, hint, comment.file, comment.line)


_GIVEN = IgnoreComment("dvc.yaml", 2, ("stale-model",), "made by hand until June", "train:")
_BARE = IgnoreComment("dvc.yaml", 2, ("stale-model",), "", "train:")

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="an ignore comment, or an entry of `silence`, without effect",
    why=(
        "Its author believes that it works. Without a reason it is unclear later whether it is "
        "still needed, so a comment without one is ignored. An entry of `silence` in the "
        "configuration has no effect if its `path` matches nothing in either commit."
    ),
    hint="Correct the rule's name or the path, or write the reason after the bracket.",
    check=_check,
    fails=Example(
        "`# lineage-diff: ignore[stale-model]` above `train`.",
        context(facts=RuleFacts(ignore_comments=(_BARE,))),
    ),
    passes=Example(
        "`# lineage-diff: ignore[stale-model] made by hand until June`.",
        context(facts=RuleFacts(ignore_comments=(_GIVEN,))),
    ),
    runs=EVERYWHERE,
)
