"""`unknown-rule`: a name under `rules` of the configuration that no rule has."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from difflib import get_close_matches

from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import context
from lineage_diff.judge.wording import code
from lineage_diff.lineage.policy import Policy

NAME = "unknown-rule"


def _check(names: Callable[[], Collection[str]]) -> Callable[[Context], Iterator[Finding]]:
    def check(context: Context) -> Iterator[Finding]:
        known = sorted(names())
        for name in sorted(context.policy.rules):
            if name in known:
                continue
            near = get_close_matches(name, known, n=1)
            yield Finding(
                NAME,
                "warning",
                name,
                f"there is no rule {code(name)}",
                f"Did you mean {code(near[0])}?" if near else "`lineage-diff rules` lists them.",
                context.policy.source,
            )

    return check


def unknown_rule(names: Callable[[], Collection[str]]) -> Rule:
    """Make the rule; `names` gives those of all rules."""
    return Rule(
        NAME,
        "warning",
        "a name in the configuration that no rule has",
        "A setting with a wrong name does nothing, and whoever wrote it believes that it does.",
        "Correct the name; `lineage-diff rules` lists them all.",
        _check(names),
        Example(
            "`stale-modell: error` under `rules`.",
            replace(context(), policy=Policy(rules={"stale-modell": "error"})),
        ),
        Example(
            "`stale-model: error` under `rules`.",
            replace(context(), policy=Policy(rules={"stale-model": "error"})),
        ),
    )
