"""Read the tables of a store as they are, or as they were: the engine of the answers.

One snapshot opens each table once, so that all queries of an answer see the same rows. The engine
is DataFusion, which `deltalake` has inside.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lineage_diff.errors import InputError
from lineage_diff.organization.answers.subject import day_of
from lineage_diff.organization.delta import DeltaStore, QueryAnswer, answer_of
from lineage_diff.organization.tables.head_tables import GENERATIONS, REPOSITORIES
from lineage_diff.organization.views import STORED, View, stored_tables, views_for
from lineage_diff.report.organization.report import StoreState

if TYPE_CHECKING:
    from deltalake import DeltaTable

# Clocks of storage and writer differ; generations stay for one further index of their repository.
_MARGIN = timedelta(seconds=1)
# The table that has a row of each head, and the condition for one.
_HEADS = (REPOSITORIES.name, "kind = 'head'")


class StoreSnapshot:
    """The visible rows of a store: the newest ones, or those `as_of` a version or date.

    Raises `InputError` if there is no store, or none at that time.
    """

    def __init__(self, store: DeltaStore, as_of: str | None = None) -> None:
        # Imported late: it takes a tenth of a second.
        from deltalake import QueryBuilder

        self._store = store
        self._builder = QueryBuilder()
        self._as_of = as_of
        self._views: set[str] = set()
        self._tables: dict[str, DeltaTable] = {}
        generations = store.table(GENERATIONS.name)
        with store.errors(GENERATIONS.name):
            if as_of is not None:
                _load(generations, as_of, store.address.url)
            self._time = _written(generations)
        self._register(GENERATIONS.name, generations)
        if as_of is not None:
            self._check_is_whole()

    def rows(self, sql: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a query on `organization.views`. Raises `InputError`."""
        yield from self.answer(sql).rows

    def answer(self, sql: str) -> QueryAnswer:
        """Begin a query, as `rows` does, and name its columns. Raises `InputError`, also later."""
        names = self.open_tables(sql)
        with self._store.errors(*names):
            answer = answer_of(self._builder, sql)

        def rows() -> Iterator[Mapping[str, Any]]:
            with self._store.errors(*names):
                yield from answer.rows

        return QueryAnswer(answer.columns, rows())

    def open_tables(self, sql: str) -> tuple[str, ...]:
        """Open the tables that a query needs, and return their names. Raises `InputError`."""
        views = views_for(sql)
        names = stored_tables(views)
        for name in names:
            if name not in self._tables:
                self._register(name, self._table(name))
        with self._store.errors(*names):
            for view in views:
                self._create(view)
        return names

    def state(self) -> StoreState:
        """Return which state of the store this is."""
        repositories = self.rows("SELECT COUNT(DISTINCT repository) AS n FROM generations")
        return StoreState(
            self._store.address.url,
            self._tables[GENERATIONS.name].version(),
            self._time.isoformat(timespec="seconds") if self._time is not None else None,
            self._as_of,
            int(next(iter(repositories))["n"]),
        )

    def _register(self, name: str, table: "DeltaTable") -> None:
        self._tables[name] = table
        self._builder.register(f"{STORED}{name}", table)

    def _create(self, view: View) -> None:
        if view.name not in self._views:
            self._views.add(view.name)
            for _ in self._builder.execute(view.statement):
                pass

    def _table(self, name: str) -> "DeltaTable":
        table = self._store.table(name)
        if self._as_of is not None and self._time is not None:
            with self._store.errors(name):
                table.load_as_version(self._time + _MARGIN)
        return table

    def _check_is_whole(self) -> None:
        """Raise `InputError` if rows of that time are not in the tables any more."""
        missing = sorted({*self._missing("runs", "runs > 0"), *self._missing(*_HEADS)})
        if missing:
            raise InputError(
                f"the tables of that time do not have all rows of {missing[0]} any more",
                hint="Name another version or date.",
                file=self._store.address.url,
            )

    def _missing(self, name: str, condition: str) -> frozenset[str]:
        """Return the repositories with a visible generation that a table has no rows of."""
        table = self._table(name)
        with self._store.errors(name):
            found = {(item["repository"], item["generation"]) for item in table.partitions()}
        sql = f"SELECT repository, generation FROM generations WHERE {condition}"  # noqa: S608
        return frozenset(
            str(row["repository"])
            for row in self.rows(sql)
            if (row["repository"], row["generation"]) not in found
        )


def _load(table: "DeltaTable", as_of: str, url: str) -> None:
    moment = day_of(as_of)
    if not as_of.isdecimal() and moment is None:
        raise InputError(
            f"{as_of!r} is no version and no date",
            hint="Write a number, or a date as in 2026-01-31.",
        )
    first = table.history()[-1] if moment is not None and not as_of.isdecimal() else {}
    started = first.get("timestamp")
    if moment is not None and started is not None and moment.timestamp() * 1000 < started:
        raise InputError(
            f"the store is younger than {as_of}",
            hint=f"Its first version is of {_time(started).isoformat(timespec='seconds')}.",
            file=url,
        )
    if as_of.isdecimal():
        newest = table.version()
        if int(as_of) > newest:
            raise InputError(
                f"the store has no version {as_of}", hint=f"The newest is {newest}.", file=url
            )
        table.load_as_version(int(as_of))
    elif moment is not None:
        table.load_as_version(moment)


def _written(table: "DeltaTable") -> datetime | None:
    """Return when the loaded version was written."""
    # The library adds the later versions, the newest first.
    commits = table.history(1)
    stamp = commits[-1].get("timestamp") if commits else None
    return _time(stamp) if stamp is not None else None


def _time(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1000, UTC)
