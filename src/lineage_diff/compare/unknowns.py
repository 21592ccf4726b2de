"""What Git objects alone cannot tell of the two commits, and why."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from lineage_diff.compare.change import Change
from lineage_diff.compare.metric_notes import unknown_values
from lineage_diff.compare.unknown import Unknown
from lineage_diff.lineage.drawing import Drawing
from lineage_diff.lineage.lineage import Lineage


def find_unknowns(base: Lineage, head: Lineage, same: Callable[[str], bool]) -> tuple[Unknown, ...]:
    """List them by subject: unread pipelines, values kept in DVC's cache, listings, contents."""
    found: set[tuple[str, str]] = set()
    for lineage in (base, head):
        reasons = {item.pipeline: item.message for item in lineage.problems if item.pipeline}
        found |= {(file, reasons.get(file, "")) for file in lineage.unreadable}
        found |= {(path, item.unknown) for path, item in lineage.listings.items() if item.unknown}
    for old, new in ((base.metrics, head.metrics), (base.params, head.params)):
        found |= {(item.subject, item.reason) for item in unknown_values(old, new, same)}
    for path, content in head.contents.items():
        if content.unknown is not None and base.contents.get(path) != content:
            found.add((path, content.unknown))
    return tuple(Unknown(subject, reason) for subject, reason in sorted(found))


def with_unread_plots(change: Change, drawings: Iterable[Drawing]) -> Change:
    """Return the change with the plots that cannot be drawn among what is not known."""
    found = {(item.subject, item.reason) for item in change.unknowns}
    found |= {(item.id, item.unknown) for item in drawings if item.unknown is not None}
    return replace(change, unknowns=tuple(Unknown(*item) for item in sorted(found)))
