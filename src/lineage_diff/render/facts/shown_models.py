"""The models of a report: those to show, in order of urgency, and what happened to each."""

from collections.abc import Hashable

from lineage_diff.render.facts.staleness import Staleness, entries_of
from lineage_diff.render.groups.models import got_worse
from lineage_diff.report.change import ModelChange
from lineage_diff.report.report import Report

_ORDER = {
    "removed": 3,
    "unrecorded": 4,
    "edited": 4,
    "retrained": 5,
    "recorded": 6,
    "added": 7,
    "moved": 8,
    "unchanged": 9,
}


def is_one_commit(report: Report) -> bool:
    """Whether the report is of a single commit: it compares the commit with itself."""
    return report.comparison == "direct" and report.base == report.head


def shown_models(report: Report) -> tuple[ModelChange, ...]:
    """Return the models to show, most urgent first. All others are unchanged and fresh."""
    one_commit = is_one_commit(report)
    shown = [
        model
        for model in report.models
        if one_commit
        or model.affected
        or model.change != "unchanged"
        or model.freshness == "stale"
        or model.stale_before
    ]

    def order(model: ModelChange) -> tuple[bool, int, str]:
        # At one commit, nothing happened to a fresh model.
        is_first = bool(model.in_use) and not (one_commit and model.freshness == "fresh")
        return not is_first, _rank(model), model.path

    return tuple(sorted(shown, key=order))


def _rank(model: ModelChange) -> int:
    if model.freshness == "stale" and model.change != "removed":
        return 1 if model.stale_before else 0
    if got_worse(model):
        return 2
    if model.freshness == "unknown" and model.change != "removed":
        return _ORDER["unrecorded"]
    return _ORDER[model.change]


def status_event(model: ModelChange, staleness: Staleness) -> Hashable:
    """Return what is so of a model at one commit, as far as the words for it differ."""
    stale = model.freshness == "stale"
    return (model.freshness, *(entries_of(staleness.chain(model)) if stale else ()))


def change_event(model: ModelChange, staleness: Staleness) -> Hashable:
    """Return what happened to a model between two commits, as far as the words for it differ."""
    newly_stale = model.freshness == "stale" and not model.stale_before
    return (
        model.change,
        model.freshness,
        bool(model.stale_before),
        staleness.because(model).kind if newly_stale else "",
        bool(model.causes or model.omitted_causes),
    )
