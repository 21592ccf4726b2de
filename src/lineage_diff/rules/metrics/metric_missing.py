"""`metric-missing`: a metric of the base that the head does not have, or not as a number."""

from collections.abc import Iterator

from lineage_diff.diff.metric_direction import direction
from lineage_diff.report.change import Change, MetricNote
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import context
from lineage_diff.rules.locations import MetricLocations
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code, no_number
from lineage_diff.text import join_some

NAME = "metric-missing"
_SHOWN = 3
_MILDER = ("error", "warning", "info", "off")


def _check(context: Context) -> Iterator[Finding]:
    # One finding for a file, however many of its metrics are gone.
    gone: dict[str, list[str]] = {}
    locations = MetricLocations(context)
    for note in context.change.metric_notes:
        if note.note == "missing":
            gone.setdefault(note.file, []).extend([note.key] if note.key else [])
        elif note.note == "no-number" and note.key and not _is_regression(note, context):
            place = locations.find(note.file, note.key)
            yield _no_number(context, note.file, note.key, place)
    yield from _unreadable(context)
    for file, keys in gone.items():
        verb = "are" if len(keys) > 1 else "is"
        name = f"{join_some([code(key) for key in keys], _SHOWN)} in " if keys else ""
        yield Finding(
            NAME,
            "warning",
            f"{file}:{keys[0]}" if len(keys) == 1 else file,
            f"{name}{code(file)} {verb} gone: the base commit has {'them' if keys[1:] else 'it'}",
            "Write it again, or explain in the pull request why it is no longer needed.",
            *locations.find(file, keys[0] if keys else None),
        )


def _unreadable(context: Context) -> Iterator[Finding]:
    """Report files that the base reads and the head cannot: their metrics cannot get worse."""
    for path, now in context.head.metrics.items():
        before = context.base.metrics.get(path)
        if now.unreadable and before is not None and before.unknown is None:
            yield Finding(
                NAME,
                "warning",
                path,
                f"{code(path)} can no longer be read: {now.unknown}",
                "Correct the file, or run the stage that writes it again.",
                path,
                None,
            )


def _is_regression(note: MetricNote, context: Context) -> bool:
    """Whether `metric-regressed` reports it, at least as severely as this rule would."""
    if direction(note.file, note.key or "", context.policy)[0] is None:
        return False
    rules = context.policy.rules
    regressed, own = (rules.get(name, "warning") for name in ("metric-regressed", NAME))
    return _MILDER.index(regressed) <= _MILDER.index(own)


def _no_number(context: Context, file: str, key: str, place: tuple[str, int]) -> Finding:
    values = context.change.metrics.get(file, {}).get(key)
    return Finding(
        NAME,
        "warning",
        f"{file}:{key}",
        f"{code(key)} in {code(file)} {no_number(values)}",
        "Write a number again, or explain in the pull request why it is not a number.",
        *place,
    )


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a metric that the base has and the head does not",
    why=(
        "A metric that disappears cannot get worse: a check on it would always pass. The same is "
        "true of a metric that was a number and is NaN, infinite, a text, a truth value, a list or"
        " `null`. If its better direction is known, `metric-regressed` reports it instead, unless "
        "the configuration makes that rule milder than this one."
    ),
    hint="Write it again, or explain in the pull request why it is no longer needed.",
    check=_check,
    fails=Example(
        "`evaluate.py` no longer writes `recall`.",
        context(Change(metric_notes=(MetricNote("metrics.json", "recall", "missing"),))),
    ),
    passes=Example(
        "`recall` is still written, and better.",
        context(Change(metric_notes=(MetricNote("metrics.json", "recall", "better"),))),
    ),
)
