"""The tables of a store as Delta Lake keeps them: read, write and delete parts of them.

A write replaces one generation of one part, so that to repeat it doubles no row. A conflict with
another writer of the same part raises `PartConflictError`; writers of other parts never conflict.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from deltalake import DeltaTable, QueryBuilder, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from msgspec import Struct, convert

from lineage_diff.errors import InputError
from lineage_diff.organization.address import StoreAddress
from lineage_diff.organization.answers.engine import literal, one_of
from lineage_diff.organization.columns import record_batch, stored_schema
from lineage_diff.organization.parts import Generation
from lineage_diff.organization.tables.all_tables import SCHEMA_VERSION, TABLES
from lineage_diff.organization.tables.head_tables import GENERATIONS
from lineage_diff.organization.tables.schema import COMMON, Row, TableSchema

_VERSION_KEY = "lineage-diff.schema-version"
# Ten years: what was known on an earlier day can be read back. Nothing is vacuumed by us.
_KEPT = {
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}
# Groups of rows small enough that the statistics of a sorted column exclude most of them.
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=64 * 1024)
_THREADS = 4
_CAUSE = re.compile(r"↳(?:\x1b\[0m)? *(.+)")
_FAILURES = (DeltaError, OSError, ValueError)
_PARTITIONS = [column.name for column in COMMON]


FoundT = TypeVar("FoundT")


def each_table(function: Callable[[str], FoundT], names: Sequence[str]) -> list[FoundT]:
    """Call a function for several tables at the same time, and return what it returned.

    The library works and waits without Python's lock. The first error is raised after all ended.
    """
    if len(names) < 2:
        return [function(name) for name in names]
    with ThreadPoolExecutor(min(_THREADS, len(names))) as pool:
        return list(pool.map(function, names))


class PartConflictError(Exception):
    """Another writer changed the same part at the same time."""


class VisibleGenerations(Struct, frozen=True):
    """The visible generations of a part, with the version of the table that has them."""

    table: DeltaTable
    items: tuple[Generation, ...]


class DeltaStore:
    """The tables at an address. Each call opens the newest version of a table.

    Until the first part is published, tables that `create` made are taken as they were then.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.address = address
        self._new: dict[str, DeltaTable] = {}
        self._making = Lock()

    def create(self) -> None:
        """Create the tables that do not exist yet.

        Raises `InputError` for a folder with other things in it, and for tables of another kind.
        """
        if self._exists(GENERATIONS.name):
            return
        self._check_is_free()
        others = [name for name in TABLES if name != GENERATIONS.name]
        # Before the first one is created: none may be of another kind.
        each_table(self._exists, others)
        each_table(self._create, others)
        # The last one marks a store that is complete.
        self._create(GENERATIONS.name)

    def _create(self, name: str) -> None:
        try:
            self._create_new(TABLES[name])
        except PartConflictError:
            # Another writer created it at the same time.
            self.table(name)

    def _create_new(self, table: TableSchema) -> None:
        with self.errors(table.name):
            made = DeltaTable.create(
                self.address.of_table(table.name),
                stored_schema(table),
                mode="ignore",
                partition_by=_PARTITIONS,
                name=_name_of(table.name),
                description=table.about,
                configuration={**_KEPT, _VERSION_KEY: str(SCHEMA_VERSION)},
                storage_options=dict(self.address.options),
                raise_if_key_not_exists=False,
            )
            _check_is_ours(made, table.name, self.address)
            self._new[table.name] = made

    def table(self, name: str) -> DeltaTable:
        """Open the newest version of a table.

        Raises `InputError` if there is none, or it is not ours, is newer, or cannot be read.
        """
        with self.errors(name):
            found = DeltaTable(
                self.address.of_table(name), storage_options=dict(self.address.options)
            )
            _check_is_ours(found, name, self.address)
            return found

    def write(self, name: str, repository: str, generation: str, rows: Iterable[Row]) -> None:
        """Write the rows of a generation into a table, in place of those that it has.

        Raises `PartConflictError` or `InputError`.
        """
        # A second write would conflict with the first.
        table = self._new.pop(name, None) or self.table(name)
        # One at a time: the library writes one while Python makes the columns of the next.
        with self._making:
            batch = record_batch(TABLES[name], repository, generation, rows)
        with self.errors(name):
            write_deltalake(
                table,
                batch,
                mode="overwrite",
                predicate=_where(repository, [generation]),
                writer_properties=_WRITER,
            )

    def merge(self, name: str, repository: str, old: Collection[str], new: str) -> None:
        """Write the rows of several generations of a part once more, as one generation.

        Raises `PartConflictError` or `InputError`.
        """
        table = self.table(name)
        if not self.generations_in(name, repository) & set(old):
            return
        schema = TABLES[name]
        own = ", ".join(column.name for column in schema.columns)
        sql = (
            f"SELECT repository, {literal(new)} AS generation, {own} FROM {name} "  # noqa: S608
            f"WHERE {_where(repository, sorted(old))} ORDER BY {', '.join(schema.sort)}"
        )
        with self.errors(name):
            write_deltalake(
                table,
                QueryBuilder().register(name, table).execute(sql),
                mode="overwrite",
                predicate=_where(repository, [new]),
                writer_properties=_WRITER,
            )

    def generations_in(self, name: str, repository: str) -> frozenset[str]:
        """Return the generations of a part that a table has rows of, visible or not."""
        table = self._new.get(name) or self.table(name)
        with self.errors(name):
            found = table.partitions(file_pruning_predicate=_where(repository))
        return frozenset(str(item["generation"]) for item in found)

    def delete(self, name: str, repository: str, generations: Iterable[str]) -> None:
        """Delete the rows of generations of a part. Their files stay for time travel."""
        table = self.table(name)
        with self.errors(name):
            table.delete(_where(repository, sorted(generations)))

    def visible(self, repository: str) -> VisibleGenerations:
        """Return the visible generations of a part."""
        table = self.table(GENERATIONS.name)
        with self.errors(GENERATIONS.name):
            # Of a new part there is nothing to query.
            is_known = bool(table.partitions(file_pruning_predicate=_where(repository)))
            found = _query({GENERATIONS.name: table}, _all_of(repository)) if is_known else ()
            return VisibleGenerations(table, tuple(_generation(item) for item in found))

    def publish(
        self, seen: VisibleGenerations, repository: str, items: Iterable[Generation]
    ) -> None:
        """Make other generations of a part the visible ones, all at once.

        Raises `PartConflictError` if the visible ones changed since they were `seen`.
        """
        batches = [
            record_batch(GENERATIONS, repository, item.generation, [item.row]) for item in items
        ]
        with self.errors(GENERATIONS.name):
            write_deltalake(
                seen.table,
                batches,
                mode="overwrite",
                predicate=_where(repository),
                writer_properties=_WRITER,
            )
        self._new.clear()

    def query(self, sql: str, *names: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a query on some tables, which it names by their own names."""
        tables = {name: self.table(name) for name in names}
        with self.errors(*names):
            yield from _query(tables, sql)

    def _exists(self, name: str) -> bool:
        with self.errors(name):
            try:
                found = DeltaTable(
                    self.address.of_table(name), storage_options=dict(self.address.options)
                )
            except TableNotFoundError:
                return False
            _check_is_ours(found, name, self.address)
            return True

    def _check_is_free(self) -> None:
        """Raise `InputError` for a folder that holds other things than our tables.

        In an object store, it is raised for a table: to vacuum it would delete what lies below it.
        """
        folder = Path(self.address.url)
        if not self.address.is_folder:
            with self.errors(GENERATIONS.name):
                is_table = DeltaTable.is_deltatable(self.address.url, dict(self.address.options))
            if is_table:
                raise _not_ours("the address is a table of something else", self.address)
            return
        if not folder.exists():
            return
        try:
            others = sorted({path.name for path in folder.iterdir()} - TABLES.keys())
        except OSError as error:
            raise InputError(
                f"the store cannot be read: {error.strerror}",
                hint="Name a folder that can be written.",
                file=self.address.url,
            ) from error
        if others:
            raise InputError(
                f"the folder holds other things, such as {others[0]}, and no tables of ours",
                hint="Name a new folder, or that of an earlier index.",
                file=self.address.url,
            )

    @contextmanager
    def errors(self, *names: str) -> Iterator[None]:
        """Turn the errors of the library into ours. Theirs may be many lines long."""
        try:
            yield
        except TableNotFoundError as error:
            raise InputError(
                f"no table {names[0]} of lineage-diff",
                hint="Check the address and the credentials, or run `lineage-diff index` first.",
                file=self.address.url,
            ) from error
        except CommitFailedError as error:
            raise PartConflictError(str(error)) from error
        except Exception as error:
            # While rows are read, the library raises `Exception` itself.
            if type(error) is not Exception and not isinstance(error, _FAILURES):
                raise
            raise InputError(
                f"the table {', '.join(names)} cannot be read or written: {_in_one_line(error)}",
                hint="Check the storage, its free space and the credentials. What was visible "
                "before still is: run the command again.",
                file=self.address.url,
            ) from error


def _name_of(table: str) -> str:
    return f"lineage-diff {table}"


def _check_is_ours(table: DeltaTable, name: str, address: StoreAddress) -> None:
    metadata = table.metadata()
    version = metadata.configuration.get(_VERSION_KEY, "")
    if metadata.name != _name_of(name) or not version.isdecimal():
        raise _not_ours(f"the table {name} is not one of lineage-diff", address)
    if int(version) > SCHEMA_VERSION:
        raise InputError(
            f"the tables have version {version} of the schema, this lineage-diff knows "
            f"{SCHEMA_VERSION}",
            hint="Install a newer lineage-diff.",
            file=address.url,
        )
    if int(version) < SCHEMA_VERSION:
        raise InputError(
            f"the tables have version {version} of the schema, and this lineage-diff writes "
            f"{SCHEMA_VERSION}",
            hint="Index the repositories again, into a new folder or prefix.",
            file=address.url,
        )


def _not_ours(problem: str, address: StoreAddress) -> InputError:
    """Error for a table of another kind."""
    hint = "Name an empty folder or prefix, or that of an earlier index."
    return InputError(problem, hint=hint, file=address.url)


def _where(repository: str, generations: Iterable[str] = ()) -> str:
    names = tuple(generations)
    one = one_of("repository", (repository,))
    return f"{one} AND {one_of('generation', names)}" if names else one


def _all_of(repository: str) -> str:
    names = ", ".join(column.name for column in GENERATIONS.all_columns)
    return f"SELECT {names} FROM {GENERATIONS.name} WHERE {_where(repository)}"  # noqa: S608


def _query(tables: Mapping[str, DeltaTable], sql: str) -> Iterator[Mapping[str, Any]]:
    builder = QueryBuilder()
    for name, table in tables.items():
        builder = builder.register(name, table)
    yield from rows_of(builder, sql)


class QueryAnswer(Struct, frozen=True):
    """The names of a query's columns, also without a row, and its rows, which are read once."""

    columns: tuple[str, ...]
    rows: Iterator[Mapping[str, Any]]


def rows_of(builder: QueryBuilder, sql: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a query on the tables that a builder knows."""
    yield from answer_of(builder, sql).rows


def answer_of(builder: QueryBuilder, sql: str) -> QueryAnswer:
    """Begin a query on the tables that a builder knows; errors may come with any row."""
    batches = builder.execute(sql)
    names = tuple(batches.schema.names)

    def rows() -> Iterator[Mapping[str, Any]]:
        for batch in batches:
            columns = [column.to_pylist() for column in batch.columns]
            for cells in zip(*columns, strict=True):
                yield dict(zip(names, cells, strict=True))

    return QueryAnswer(names, rows())


def _generation(item: Mapping[str, Any]) -> Generation:
    return convert(item, Generation)


def _in_one_line(error: Exception) -> str:
    """Return the first line of an error of the library, and the last cause that it names.

    The library writes causes below each other, each after an arrow in colour; the answer of a
    server may follow.
    """
    lines = str(error).strip().splitlines()
    first = re.sub(r"^(Generic \w+ error: |Kernel error(: | -> ))", "", lines[0]) if lines else "?"
    causes = [cause for cause in _CAUSE.findall(str(error)) if not cause.startswith("<")]
    return ": ".join((first, *causes[-1:]))[:300].rstrip(".")
