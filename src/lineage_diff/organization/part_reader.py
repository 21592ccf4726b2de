"""From rows of one repository's part to facts of `catalog.facts`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from lineage_diff.catalog.facts import CommitFact, Fact, MetricFact, UnknownFact
from lineage_diff.organization.answers.engine import Engine, Found, one_of
from lineage_diff.organization.rows import UNTRACED
from lineage_diff.organization.tables.schema import PartKind

FactT = TypeVar("FactT", bound=Fact)


class PartReader:
    """Reads the rows of one repository. The engine answers on `organization.views`."""

    def __init__(self, engine: Engine, repository: str) -> None:
        self._engine = engine
        self._here = one_of("t.repository", (repository,))

    def rows(self, what: str, order: str, where: str = "") -> Iterator[Found]:
        """Yield sorted rows; `what` is the text of a query up to its conditions, on a table `t`."""
        also = f" AND {where}" if where else ""
        return self._engine.rows(f"SELECT {what} WHERE {self._here}{also} ORDER BY {order}")

    def facts(self, kind: type[FactT], table: str, order: str) -> list[FactT]:
        """Return the rows of a table whose columns are the fields of a fact."""
        return [fact_of(kind, row) for row in self.rows(f"t.* FROM {table} t", order)]

    def unknowns(self, kind: PartKind) -> Iterator[UnknownFact]:
        """Yield what is unknown; not what `made_from` lacks, which is no part of an export."""
        rows = self.rows(
            "t.* FROM unknowns t "
            "JOIN generations g ON t.repository = g.repository AND t.generation = g.generation",
            "t.subject, t.commit",
            f"g.kind = '{kind}'",
        )
        yield from (fact_of(UnknownFact, row) for row in rows if row["reason"] != UNTRACED)


def fact_of(kind: type[FactT], row: Found, /, **others: Any) -> FactT:
    """Return a fact from the columns that have the names of its fields, and other values."""
    names = (name for name in kind.__struct_fields__ if name not in others)
    cells: dict[str, Any] = {
        name: tuple(row[name]) if isinstance(row[name], list) else row[name] for name in names
    }
    return kind(**cells, **others)


def commit_of(row: Found, commit: str) -> CommitFact:
    """Return the fact of a commit from a row with its author and message."""
    return fact_of(
        CommitFact, row, commit=commit, date=row["author_date"], subject=row["subject"] or ""
    )


def metric_of(row: Found, measured: Mapping[str, tuple[str, ...]], **others: Any) -> MetricFact:
    """Return the fact of a metric. `measured` has the models that each file measures."""
    models = measured.get(row["file"], ())
    return fact_of(MetricFact, row, value=json.loads(row["json"]), models=models, **others)
