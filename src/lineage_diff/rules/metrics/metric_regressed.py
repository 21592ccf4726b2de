"""`metric-regressed`: a metric that got worse by more than is tolerated."""

from collections.abc import Iterator

from lineage_diff.report.change import Change, MetricNote, ValueChanges
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.locations import place_of_metric
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "metric-regressed"


def _check(context: Context) -> Iterator[Finding]:
    for note in context.change.metric_notes:
        if note.note != "worse" or note.key is None:
            continue
        values = context.change.metrics.get(note.file, {}).get(note.key)
        sides = f" from {values['old']} to {values['new']}" if values else ""
        yield Finding(
            NAME,
            "warning",
            f"{note.file}:{note.key}",
            f"{code(note.key)} in {code(note.file)} got worse{sides}",
            "Explain it in the pull request, mend the model, or set a tolerance for this metric.",
            *place_of_metric(context, note.file, note.key),
        )


_WORSE: ValueChanges = {"metrics.json": {"accuracy": {"old": 0.91, "new": 0.87, "diff": -0.04}}}

RULE = Rule(
    NAME,
    "warning",
    "a metric that got worse by more than is tolerated",
    "A reviewer rarely compares the numbers by hand. Which way is better is guessed from "
    "well-known names and can be set for each metric, with a tolerance, in the configuration.",
    "Explain it, mend the model, or set `better` and `tolerance` for the metric.",
    _check,
    Example(
        "`accuracy` goes from 0.91 to 0.87.",
        context(
            Change(
                metrics=_WORSE,
                metric_notes=(MetricNote("metrics.json", "accuracy", "worse"),),
            )
        ),
    ),
    Example(
        "`accuracy` goes from 0.91 to 0.87, and the configuration tolerates 5 %.",
        context(
            Change(
                metrics=_WORSE,
                metric_notes=(MetricNote("metrics.json", "accuracy", "tolerated"),),
            )
        ),
    ),
)
