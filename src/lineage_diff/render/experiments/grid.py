"""Arrange a table of several revisions: its rows as texts, its columns in blocks that fit."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.report.experiments import ExperimentTable, MetricRow, ParamRow
from lineage_diff.report.report import Report
from lineage_diff.report.value_text import row_values

# In characters, of a value that is a text.
VALUE = 24
# Revisions beside the baseline in one table of Markdown: more make it scroll.
COLUMNS = 6
# In a terminal, the least width of a column, and of the names of rows.
_COLUMN, _NAMES = 14, 30
# Findings that are listed of each revision.
FINDINGS = 5


class GridRow(Struct, frozen=True):
    """A row with the text of each cell. `item` is the row of the report."""

    item: Any
    texts: tuple[str, ...]


class Grid(Struct, frozen=True):
    """The rows of a table, and its columns in blocks. The revisions that lead are in each block."""

    table: ExperimentTable
    params: tuple[GridRow, ...]
    metrics: tuple[GridRow, ...]
    blocks: tuple[tuple[int, ...], ...]

    @property
    def rows(self) -> int:
        """The number of rows of params, or of metrics if these are more; at least one."""
        return max(len(self.params), len(self.metrics), len(self.table.unknowns), 1)

    @property
    def failing(self) -> int:
        """The number of experiments that fail."""
        compared = self.table.revisions[self.table.leading :]
        return sum(item.verdict.conclusion == "failure" for item in compared)

    @property
    def compared(self) -> int:
        """The number of experiments, or of revisions besides the baseline."""
        return len(self.table.revisions) - self.table.leading

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


def columns_of(width: int) -> int:
    """Return how many experiments fit beside each other in a terminal of so many columns."""
    return max(1, (width - _NAMES) // _COLUMN - 1)


def report_grid(report: Report, columns: int) -> Grid | None:
    """Return the grid of a change's experiments, `None` if it has none."""
    return None if report.experiments is None else grid(report.experiments, columns)


def grid(table: ExperimentTable, columns: int) -> Grid:
    """Return the grid, with at most `columns` experiments in a block."""
    leading = range(max(0, min(table.leading, len(table.revisions))))
    others = range(len(leading), len(table.revisions))
    starts = range(0, len(others), max(columns, 1))
    blocks = tuple((*leading, *others[start : start + max(columns, 1)]) for start in starts)
    many = len(table.revisions)
    return Grid(
        table, _texts(table.params, many), _texts(table.metrics, many), blocks or (tuple(leading),)
    )


def _texts(rows: Sequence[ParamRow] | Sequence[MetricRow], many: int) -> tuple[GridRow, ...]:
    # A report from elsewhere may have rows that do not fit.
    return tuple(
        GridRow(row, tuple(row_values([cell.value for cell in row.values], VALUE)))
        for row in rows
        if len(row.values) == many
    )
