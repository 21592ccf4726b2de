"""`metric-missing`: a metric that the base has and the head has not."""

from collections.abc import Iterator

from lineage_diff.compare.change import Change, MetricNote
from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import context
from lineage_diff.judge.wording import code

NAME = "metric-missing"


def _check(context: Context) -> Iterator[Finding]:
    for note in context.change.metric_notes:
        if note.note == "missing":
            name = code(note.key) + " in " if note.key else ""
            yield Finding(
                NAME,
                "warning",
                f"{note.file}:{note.key}" if note.key else note.file,
                f"{name}{code(note.file)} is gone: the base commit has it",
                "Write it again, or say in the pull request why it is not needed any more.",
                note.file,
            )


RULE = Rule(
    NAME,
    "warning",
    "a metric that the base has and the head has not",
    "A metric that disappears cannot get worse: a check on it would pass for ever.",
    "Write it again, or say in the pull request why it is not needed any more.",
    _check,
    Example(
        "`evaluate.py` does not write `recall` any more.",
        context(Change(metric_notes=(MetricNote("metrics.json", "recall", "missing"),))),
    ),
    Example(
        "`recall` is still written, and better.",
        context(Change(metric_notes=(MetricNote("metrics.json", "recall", "better"),))),
    ),
)
