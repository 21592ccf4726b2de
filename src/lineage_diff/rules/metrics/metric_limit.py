"""`metric-limit`: a metric below its `min` or above its `max` in the configuration."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from lineage_diff.diff.metric_direction import direction
from lineage_diff.lineage.policy import MetricPolicy, Policy
from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.report.findings import Finding
from lineage_diff.report.value_text import is_number
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.locations import MetricLocations
from lineage_diff.rules.rule import EVERYWHERE, Context, Example, Rule
from lineage_diff.rules.wording import code, metric_text

NAME = "metric-limit"


def _check(context: Context) -> Iterator[Finding]:
    if not any(has_limit(entry) for entry in context.policy.metrics):
        return
    locations = MetricLocations(context)
    for file in sorted(context.head.metrics):
        for key, value in sorted(values_by_key(context.head.metrics[file]).items()):
            entry = direction(file, key, context.policy)[1]
            what = None if entry is None else beyond_limit(value, entry)
            if entry is None or what is None or entry.gate == "off":
                continue
            yield Finding(
                NAME,
                entry.gate or "error",
                f"{file}:{key}",
                f"{code(key)} in {code(file)} is {metric_text(value)}, {what}",
                "Fix the model, or change the limit in the configuration.",
                *locations.find(file, key),
            )


def has_limit(entry: MetricPolicy) -> bool:
    """Whether an entry of the configuration limits the values of its metrics."""
    return entry.minimum is not None or entry.maximum is not None


def beyond_limit(value: Any, entry: MetricPolicy) -> str | None:
    """Return the text on the limit that a value breaks; `None` if it breaks none.

    A value that is no number breaks every limit.
    """
    low, high = entry.minimum, entry.maximum
    if not is_number(value):
        return "which is no number, so it is not within its limits" if has_limit(entry) else None
    if low is not None and value < low:
        return f"below its limit of {low:.15g}"
    if high is not None and value > high:
        return f"above its limit of {high:.15g}"
    return None


_FLOOR = Policy(metrics=(MetricPolicy("accuracy", minimum=0.9),))


def _measured(accuracy: float) -> Context:
    metrics = {"metrics.json": ValuesFile("metrics.json", {"accuracy": accuracy})}
    return replace(context(head=lineage(TRAIN, metrics=metrics)), policy=_FLOOR)


RULE = Rule(
    name=NAME,
    severity="error",
    summary="a metric below its `min` or above its `max` in the configuration",
    why=(
        "Some values must never be merged: an accuracy below what the product promises, a latency "
        "that users do not accept. So a value beyond its limit fails the check, even if the change "
        "did not cause it. The limits are those at the tip of the base branch. `gate` sets the "
        "severity for a metric."
    ),
    hint="Fix the model, or change the limit in the configuration.",
    check=_check,
    fails=Example(
        "`accuracy` is 0.87, and the configuration has `accuracy: {min: 0.9}`.", _measured(0.87)
    ),
    passes=Example("`accuracy` is 0.91.", _measured(0.91)),
    runs=EVERYWHERE,
)
