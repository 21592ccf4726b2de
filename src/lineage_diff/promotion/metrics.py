"""Decide by the metrics: within their limits, and not worse than those of the version in use?"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.diff.metric_direction import direction
from lineage_diff.diff.metrics import changed_metrics, metric_notes
from lineage_diff.diff.values import diff_values
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import MetricPolicy, Policy
from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.promotion.answers import ConditionAnswer, broken, listed, met, not_asked, unknown
from lineage_diff.promotion.facts import InUseFacts, PromotionFacts
from lineage_diff.report.change import Change, MetricNote
from lineage_diff.report.value_text import is_number
from lineage_diff.rules.metrics.metric_limit import beyond_limit, has_limit
from lineage_diff.rules.wording import code, metric_text, no_number
from lineage_diff.text import join_some

_SOME = 3
_MILD = ("info", "off")
_UNMEASURED = "no metrics file measures the model"


class _Limited(Struct, frozen=True):
    """A value of a metric with a limit in the configuration."""

    file: str
    key: str
    value: object
    entry: MetricPolicy


def check_limits(facts: PromotionFacts) -> ConditionAnswer:
    """Whether the model's metrics are within `min` and `max` of the configuration."""
    limited = [entry for entry in facts.policy.metrics if has_limit(entry)]
    entries = [entry for entry in limited if entry.gate not in _MILD]
    if not limited:
        return not_asked("the configuration sets no `min` or `max`")
    if not entries:
        return not_asked("the gate of each `min` and `max` in the configuration is `info` or `off`")
    files = facts.state.lineage.metrics
    own = {file: files[file] for file in facts.metrics if file in files}
    values = [item for item in _limited(own, facts.policy) if item.entry in entries]
    over = [
        f"{code(item.key)} in {code(item.file)} is {metric_text(item.value)}, {text}"
        for item in values
        if (text := beyond_limit(item.value, item.entry)) is not None
    ]
    if over:
        return broken(*listed(over, "metrics beyond their limits"))
    missing = [*_not_read(own), *_without_value(entries, files, facts.policy)]
    if missing:
        return unknown(*listed(missing, "limits without a value"))
    if not values:
        return not_asked("no limit of the configuration is for a metric of this model")
    return met(join_some([_within(item) for item in values], _SOME))


def _within(item: _Limited) -> str:
    low, high = item.entry.minimum, item.entry.maximum
    bounds = [
        f"≥ {low:.15g}" if low is not None else "",
        f"≤ {high:.15g}" if high is not None else "",
    ]
    return f"{code(item.key)} {item.value} {' and '.join(filter(None, bounds))}"


def _limited(files: Mapping[str, ValuesFile], policy: Policy) -> Iterator[_Limited]:
    for file in sorted(files):
        for key, value in values_by_key(files[file]).items():
            entry = direction(file, key, policy)[1]
            if entry is not None and has_limit(entry):
                yield _Limited(file, key, value, entry)


def _not_read(files: Mapping[str, ValuesFile]) -> list[str]:
    return [
        f"{code(file.path)} is not known: {file.unknown}"
        for file in files.values()
        if file.unknown is not None
    ]


def _without_value(
    entries: Iterable[MetricPolicy], files: Mapping[str, ValuesFile], policy: Policy
) -> list[str]:
    """Return the limits that no metric of the commit has: none says whether it is kept."""
    found = [item.entry for item in _limited(files, policy)]
    return [_why_no_value(item, files) for item in entries if item not in found]


def _why_no_value(entry: MetricPolicy, files: Mapping[str, ValuesFile]) -> str:
    alone = Policy(metrics=(entry,))
    if any(True for _ in _limited(files, alone)):
        return f"an earlier entry of `metrics` is for all metrics that {code(entry.pattern)} names"
    return f"no metric is named {code(entry.pattern)}"


def metrics_change(
    old: Lineage,
    new: Lineage,
    files: Iterable[str],
    policy: Policy,
    same: Callable[[str], bool],
) -> Change:
    """Compare the metrics of some files, without the noise of their history.

    `same` returns whether a path's version is known in both commits and equal.
    """
    sides = [
        {file: side.metrics[file] for file in files if file in side.metrics} for side in (old, new)
    ]
    changes = diff_values(*sides)
    rows = changed_metrics(changes, sides[1], policy)
    before, after = (Lineage("", metrics=side) for side in sides)
    notes = metric_notes(rows, before, after, same)
    return Change(metrics=changes, metric_notes=notes)


def check_regression(facts: PromotionFacts) -> ConditionAnswer:
    """Whether no metric is worse than that of a version in use, beyond tolerance or noise."""
    answer = _against_all(facts)
    # Every version that either registry names is compared, so neither is taken for the right one.
    return replace(answer, line="; ".join(filter(None, (answer.line, facts.disputed))))


def _against_all(facts: PromotionFacts) -> ConditionAnswer:
    answers = [_compared(item, facts) for item in facts.in_use]
    if facts.mlflow_unknown is not None:
        answers.append(unknown(f"MLflow may have other versions in use: {facts.mlflow_unknown}"))
    if not answers:
        stage = facts.subject.stage
        where = "in use" if stage is None else f"in {code(stage)}"
        return met(f"no other version is {where}")
    order = ("broken", "unknown", "met")
    return min(answers, key=lambda answer: order.index(answer.state))


def _compared(item: InUseFacts, facts: PromotionFacts) -> ConditionAnswer:
    version = item.version
    name = code(version.tag if version.registry == "mlflow" else version.version)
    if item.unreadable is not None:
        return unknown(f"{name}, which is in use, cannot be compared: {item.unreadable}")
    notes = item.change.metric_notes
    hidden = {note.file: note for note in notes if note.note == "unknown"}
    # What is not known is not gone.
    known = [note for note in notes if note.note != "missing" or note.file not in hidden]
    losses = [text for note in known for text in _loss(note, item, facts.policy)]
    if losses:
        line, details = listed(losses, "metrics are worse")
        return broken(f"compared with {name}, which is in use: {line}", details)
    if hidden:
        reasons = [f"{code(note.file)}: {note.reason}" for note in hidden.values()]
        line, details = listed(reasons, "files are not known")
        return unknown(f"compared with {name}: {line}", details)
    return _no_loss(item, facts, name)


def _loss(note: MetricNote, item: InUseFacts, policy: Policy) -> Iterator[str]:
    if note.key is None or note.note not in ("worse", "no-number", "missing"):
        return
    entry = direction(note.file, note.key, policy)[1]
    if entry is not None and entry.gate in _MILD:
        return
    values = item.change.metrics.get(note.file, {}).get(note.key)
    name = f"{code(note.key)} in {code(note.file)}"
    if note.note == "worse" and values is not None:
        spread = note.noise.spread if note.noise is not None else None
        noise = f", beyond its noise of ±{spread:.2g}" if spread else ""
        yield f"{name} is worse, from {values['old']} to {values['new']}{noise}"
    elif note.note == "no-number":
        yield f"{name} {no_number(values)}"
    else:
        yield f"{name} is gone"


def _no_loss(item: InUseFacts, facts: PromotionFacts, name: str) -> ConditionAnswer:
    numbers = [
        (file, key)
        for file in item.files
        if file in facts.state.lineage.metrics
        for key, value in values_by_key(facts.state.lineage.metrics[file]).items()
        if is_number(value)
    ]
    if not numbers:
        return unknown(f"{_UNMEASURED}, so it cannot be compared with {name}")
    if not any(direction(file, key, facts.policy)[0] for file, key in numbers):
        return unknown(f"compared with {name}: no metric has a known better direction")
    tolerated = [note for note in item.change.metric_notes if note.note == "tolerated"]
    noise = f", {len(tolerated)} within noise or tolerance" if tolerated else ""
    return met(f"no metric is worse than those of {name}, which is in use{noise}")
