"""`metric-regressed`: a metric that got worse beyond its tolerance, or is no longer a number."""

from collections.abc import Iterator

from lineage_diff.diff.metric_direction import direction
from lineage_diff.report.change import Change, MetricNote, ValueChanges
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.locations import MetricLocations
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code, no_number

NAME = "metric-regressed"
_HINT_WORSE = "Explain it in the pull request, fix the model, or set a tolerance for this metric."
_HINT_NUMBER = "Fix the model, or the code that writes the file, so that it is a number again."


def _check(context: Context) -> Iterator[Finding]:
    locations = MetricLocations(context)
    for note in context.change.metric_notes:
        if note.key is None:
            continue
        values = context.change.metrics.get(note.file, {}).get(note.key)
        subject = f"{note.file}:{note.key}"
        place = locations.find(note.file, note.key)
        better, entry = direction(note.file, note.key, context.policy)
        gate = entry.gate if entry is not None and entry.gate is not None else "warning"
        if gate == "off":
            continue
        if note.note == "worse":
            sides = f" from {values['old']} to {values['new']}" if values else ""
            text = f"{code(note.key)} in {code(note.file)} got worse{sides}{_noise(note)}"
            yield Finding(NAME, gate, subject, text, _HINT_WORSE, *place)
        elif note.note == "no-number" and better:
            text = f"{code(note.key)} in {code(note.file)} {no_number(values)}"
            yield Finding(NAME, gate, subject, text, _HINT_NUMBER, *place)


def _noise(note: MetricNote) -> str:
    noise = note.noise
    if noise is None or not noise.spread:
        return ""
    return f", beyond its noise of ±{noise.spread:.2g} over {noise.runs} runs"


_WORSE: ValueChanges = {"metrics.json": {"accuracy": {"old": 0.91, "new": 0.87, "diff": -0.04}}}

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a metric that got worse beyond its tolerance, or is no longer a number",
    why=(
        "A reviewer rarely compares the numbers by hand. The better direction is guessed from "
        "well-known names and can be set for each metric, with a tolerance, in the configuration. "
        "Without a tolerance, the noise of the metric is tolerated: the spread of its earlier "
        "values, if there are ten of them, else 0.1 % of the old value. `gate` sets the severity "
        "for a metric. A metric that was a number and is NaN, infinite, a text, a truth value, a "
        "list or `null` is worse than any number: a diverged training writes such values. If the "
        "better direction is unknown, `metric-missing` reports it."
    ),
    hint="Explain it, fix the model, or set `better` and `tolerance` for the metric.",
    check=_check,
    fails=Example(
        "`accuracy` goes from 0.91 to 0.87, or to NaN.",
        context(
            Change(
                metrics=_WORSE,
                metric_notes=(MetricNote("metrics.json", "accuracy", "worse"),),
            )
        ),
    ),
    passes=Example(
        "`accuracy` goes from 0.91 to 0.87, and the configuration tolerates 5 %.",
        context(
            Change(
                metrics=_WORSE,
                metric_notes=(MetricNote("metrics.json", "accuracy", "tolerated"),),
            )
        ),
    ),
)
