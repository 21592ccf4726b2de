"""Find the lines of the metrics and params that the report names."""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage_diff.report.change import Change
from lineage_diff.report.reasons import Reason

_REPORTED_NOTES = frozenset(("worse", "no-number", "missing"))

# Maximum characters of a key to look up: each part of it is one more look-up.
_LONGEST = 1_024

Lines = Mapping[str, Mapping[str, int]]


def reported_values(change: Change) -> tuple[str, ...]:
    """Return the metrics and params files with reported keys, sorted."""
    reasons = (reason for stage in change.stages for reason in stage.reasons)
    params = {str(reason.file) for reason in reasons if _names_key(reason)}
    return tuple(
        sorted(params | {n.file for n in change.metric_notes if n.note in _REPORTED_NOTES})
    )


def with_param_lines(change: Change, lines: Lines) -> Change:
    """Return the change with a line in each reason that names a key of a params file."""
    if not lines:
        return change
    return replace(
        change,
        stages=tuple(
            replace(stage, reasons=tuple(_with_line(reason, lines) for reason in stage.reasons))
            if any(map(_names_key, stage.reasons))
            else stage
            for stage in change.stages
        ),
    )


def line_of_key(lines: Lines, file: str, key: str) -> int | None:
    """Return the line, from 1, of a key or of its nearest parent in the file.

    1 if the file has none of them, `None` if its lines are unknown.
    """
    if file not in lines:
        return None
    if len(key) > _LONGEST:
        key = key[:_LONGEST].rpartition(".")[0]
    while key:
        if key in lines[file]:
            return lines[file][key]
        key = key.rpartition(".")[0]
    return 1


def _names_key(reason: Reason) -> bool:
    return (
        reason.line is None
        and reason.file is not None
        and reason.subject.startswith(f"{reason.file}:")
    )


def _with_line(reason: Reason, lines: Lines) -> Reason:
    if not _names_key(reason) or reason.file is None:
        return reason
    keys = tuple(replace(key, line=_line(lines, reason.file, key.subject)) for key in reason.keys)
    line = keys[0].line if keys else _line(lines, reason.file, reason.subject)
    return replace(reason, line=line, keys=keys)


def _line(lines: Lines, file: str, subject: str) -> int | None:
    return line_of_key(lines, file, subject.removeprefix(f"{file}:"))
