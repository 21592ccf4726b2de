"""Add the commit that last locked a stale stage to its reasons."""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage_diff.report.change import Change, StageChange
from lineage_diff.report.reasons import Reason

_SAYS_LOCKED = frozenset(
    ("dep-changed", "upstream-changed", "out-changed", "param-changed", "command-changed")
)


def stale_by_lock(change: Change) -> tuple[str, ...]:
    """Return the ids of the stages that differ from their lock entry, sorted."""
    return tuple(
        sorted(stage.name for stage in change.stages if any(map(_is_dated, stage.reasons)))
    )


def with_lock_commits(change: Change, commits: Mapping[str, str]) -> Change:
    """Return the change with the locking commit in each reason that has a locked value.

    `commits` are by stage id.
    """
    if not commits:
        return change
    return replace(
        change,
        stages=tuple(_with_commit(stage, commits.get(stage.name)) for stage in change.stages),
    )


def _with_commit(stage: StageChange, commit: str | None) -> StageChange:
    if commit is None:
        return stage
    reasons = (replace(r, commit=commit) if _is_dated(r) else r for r in stage.reasons)
    return replace(stage, reasons=tuple(reasons))


def _is_dated(reason: Reason) -> bool:
    return reason.kind in _SAYS_LOCKED and reason.locked is not None
