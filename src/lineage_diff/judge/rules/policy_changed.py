"""`policy-changed`: a change that touches this tool's own configuration, or silences a rule."""

from collections.abc import Iterator

from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import TRAIN, context, lineage
from lineage_diff.judge.silence import is_known
from lineage_diff.judge.wording import code

NAME = "policy-changed"


def _check(context: Context) -> Iterator[Finding]:
    yield from _base_moved_on(context)
    old, new = context.base.configuration, context.head.configuration
    known = context.trusted.configuration
    for path in sorted(old.keys() | new.keys()):
        if new.get(path) not in (old.get(path), known.get(path)):
            what = "adds" if path not in old else "removes" if path not in new else "changes"
            yield Finding(
                NAME,
                "warning",
                path,
                f"this change {what} {code(path)}, which says how changes are judged",
                "Review it: it counts from the next change on, when it is in the base.",
                path,
                1,
            )
    for silence in context.head.silences:
        known_before = is_known(silence, context.base.silences)
        if silence.reason and not (known_before or is_known(silence, context.trusted.silences)):
            rules = ", ".join(code(rule) for rule in silence.rules)
            yield Finding(
                NAME,
                "warning",
                f"{silence.file}:{silence.line}",
                f"this change silences {rules} here: {silence.reason}",
                "Review it: until it is in the base it silences warnings only, no error.",
                silence.file,
                silence.line,
            )


def _base_moved_on(context: Context) -> Iterator[Finding]:
    """Tell of each file that the base branch no longer has as the merge base has it."""
    then, now = context.base.configuration, context.trusted.configuration
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            yield Finding(
                NAME,
                "info",
                path,
                f"{code(path)} is not the same at the merge base and at the tip of the base "
                f"branch: the tip, commit {code(context.trusted.commit[:7])}, counts",
                "Nothing to do: this change is judged by the configuration of the base branch.",
                path,
                1,
            )


RULE = Rule(
    NAME,
    "warning",
    "a change to the configuration of lineage-diff, or a new comment that silences a rule",
    "Whoever may change what counts as wrong should be seen doing so. The change itself is judged "
    "by the configuration at the tip of its base branch.",
    "Review it as what it is: a change of the rules.",
    _check,
    Example(
        "`.github/lineage-diff.yml` turns `stale-model` off.",
        context(head=lineage(TRAIN, configuration={".github/lineage-diff.yml": "41c0" * 10})),
    ),
    Example("The configuration is as it was.", context()),
)
