"""The causes that reach a stage, as the report tells them: nearest first, with their commits."""

from collections.abc import Mapping
from dataclasses import replace

from lineage_diff.compare.cause import Cause
from lineage_diff.compare.impact import Impact

Touched = Mapping[str, tuple[str, ...]]


def nearest_causes(
    impact: Impact, stage: str, touched: Touched, but: tuple[str | None, ...] = ()
) -> tuple[Cause, ...]:
    """Return the nearest causes of a stage, by its id at the head, without data at paths in `but`.

    `touched` gives the commits of the range by path, newest first.
    """
    arrivals = impact.nearest.get(stage, {})
    found = []
    for key in sorted(arrivals, key=lambda key: (arrivals[key].distance, key)):
        cause = impact.causes[key]
        if cause.kind == "data" and cause.subject in but:
            continue
        path = _touched_path(cause)
        commits = touched.get(path) or touched.get(path + ".dvc", ())
        found.append(replace(cause, via=impact.via(stage, key), commits=commits))
    return tuple(found)


def more_causes(impact: Impact, stage: str) -> int:
    """Count the causes of a stage that are too far away to be among the nearest."""
    return impact.count(stage) - len(impact.nearest.get(stage, ()))


def _touched_path(cause: Cause) -> str:
    if cause.kind in ("param", "command", "structure"):
        return cause.subject.partition(":")[0]
    return cause.subject
