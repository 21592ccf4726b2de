"""Arrange a table of several revisions: its rows as texts, its columns in blocks that fit."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.report.experiments import ExperimentTable, MetricRow, ParamRow
from lineage_diff.report.value_text import row_values

# In characters, of a value that is a text.
VALUE = 24
# Findings that are listed of each revision.
FINDINGS = 5


class GridRow(Struct, frozen=True):
    """A row with the text of each cell. `item` is the row of the report."""

    item: Any
    texts: tuple[str, ...]


class Grid(Struct, frozen=True):
    """The rows of a table, and its columns in blocks. The baseline is in each block."""

    table: ExperimentTable
    params: tuple[GridRow, ...]
    metrics: tuple[GridRow, ...]
    blocks: tuple[tuple[int, ...], ...]

    @property
    def failing(self) -> int:
        """The number of revisions that fail, besides the baseline."""
        return sum(item.verdict.conclusion == "failure" for item in self.table.revisions[1:])

    @property
    def compared(self) -> int:
        """The number of revisions besides the baseline."""
        return len(self.table.revisions) - 1

    @property
    def light(self) -> str:
        """The colour for all: never green beside a warning, or what is stale or unknown."""
        if self.failing:
            return "red"
        doubtful = any(
            item.freshness != "fresh" or item.unreadable or item.verdict.warnings
            for item in self.table.revisions
        )
        return "yellow" if doubtful else "green"

    @property
    def many_param_files(self) -> bool:
        """Whether the params are in several files, so that each names its own."""
        return len({row.item.file for row in self.params}) > 1

    @property
    def many_metric_files(self) -> bool:
        """Whether the metrics are in several files."""
        return len({row.item.file for row in self.metrics}) > 1

    @property
    def has_inputs(self) -> bool:
        """Whether data, code or another input differs."""
        return any(item.inputs for item in self.table.revisions)

    @property
    def has_findings(self) -> bool:
        """Whether a revision has findings."""
        return any(item.findings for item in self.table.revisions)

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks that the cells of metrics have, of `best`, `near` and `stale`."""
        cells = [cell for row in self.table.metrics for cell in row.values]
        found = {cell.rank for cell in cells} | {"stale" for cell in cells if cell.stale}
        return tuple(mark for mark in ("best", "near", "stale") if mark in found)


def grid(table: ExperimentTable, columns: int) -> Grid:
    """Return the grid, with at most `columns` revisions beside the baseline in a block."""
    others = range(1, len(table.revisions))
    starts = range(0, len(others), max(columns, 1))
    blocks = tuple((0, *others[start : start + max(columns, 1)]) for start in starts)
    return Grid(table, _texts(table.params), _texts(table.metrics), blocks or ((0,),))


def _texts(rows: Sequence[ParamRow] | Sequence[MetricRow]) -> tuple[GridRow, ...]:
    return tuple(
        GridRow(row, tuple(row_values([cell.value for cell in row.values], VALUE))) for row in rows
    )
