"""From rows to columns in Arrow, in the order that lets an engine find a hash without a scan."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from arro3.core import Array, DataType, RecordBatch, list_array
from deltalake import Field, Schema
from deltalake.schema import ArrayType, PrimitiveType

from lineage_diff.catalog.writers.parts import readable
from lineage_diff.organization.tables.schema import Cell, ColumnType, Row, TableSchema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STORED: Mapping[ColumnType, PrimitiveType | ArrayType] = {
    "string": PrimitiveType("string"),
    "integer": PrimitiveType("long"),
    "number": PrimitiveType("double"),
    "boolean": PrimitiveType("boolean"),
    "time": PrimitiveType("timestamp"),
    "strings": ArrayType(PrimitiveType("string"), contains_null=False),
}


def stored_schema(table: TableSchema) -> Schema:
    """Return the schema of a table as Delta Lake stores it, with each column's description."""
    return Schema(
        [
            Field(
                column.name,
                _STORED[column.type],
                nullable=column.null is not None,
                metadata={"comment": column.about},
            )
            for column in table.all_columns
        ]
    )


def record_batch(
    table: TableSchema, repository: str, generation: str, rows: Iterable[Row]
) -> RecordBatch:
    """Return the rows of one write, sorted as the table asks for, with the common columns."""
    found = list(rows)
    columns: list[tuple[Cell, ...]] = (
        list(zip(*found, strict=True)) if found else [()] * len(table.columns)
    )
    arrays = [
        _BUILDERS[column.type](cells) for column, cells in zip(table.columns, columns, strict=True)
    ]
    common = [_strings([name] * len(found)) for name in (repository, generation)]
    batch = RecordBatch.from_arrays(
        [*common, *arrays], names=[column.name for column in table.all_columns]
    )
    if len(found) < 2 or not table.sort:
        return batch
    return batch.take(Array(_order(table, columns), type=DataType.uint64()))


def _order(table: TableSchema, columns: Sequence[tuple[Cell, ...]]) -> list[int]:
    """Return the places of the rows in the order of the table; null comes before every value."""
    places = [[column.name for column in table.columns].index(name) for name in table.sort]
    sorting = [_comparable(columns[place]) for place in places]
    keys: Iterable[Any] = zip(*sorting, strict=True)
    if all(isinstance(column[0], str) for column in sorting):
        # One text is compared faster than a tuple.
        keys = map("\0".join, keys)
    found = list(keys)
    return sorted(range(len(found)), key=found.__getitem__)


def _comparable(cells: Sequence[Cell]) -> Sequence[Any]:
    """Return values that can be compared where some cells are null."""
    if None not in cells:
        return cells
    # No hash and no path is empty, no ordinal negative.
    is_text = any(isinstance(cell, str) for cell in cells)
    least: Cell = "" if is_text else -1
    return [least if cell is None else cell for cell in cells]


def _strings(cells: Sequence[Cell]) -> Array:
    try:
        return Array(cells, type=DataType.string())
    except UnicodeEncodeError:
        texts = [readable(cell) if isinstance(cell, str) else cell for cell in cells]
        return Array(texts, type=DataType.string())


def _plain(kind: DataType) -> Callable[[Sequence[Cell]], Array]:
    return lambda cells: Array(cells, type=kind)


def _times(cells: Sequence[Cell]) -> Array:
    numbers = [_microseconds(cell) if isinstance(cell, datetime) else None for cell in cells]
    return Array(numbers, type=DataType.int64()).cast(DataType.timestamp("us", tz="UTC"))


def _microseconds(time: datetime) -> int:
    passed = time - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _lists(cells: Sequence[Cell]) -> Array:
    lists = [cell if isinstance(cell, tuple) else () for cell in cells]
    offsets = [0]
    for items in lists:
        offsets.append(offsets[-1] + len(items))
    texts = [item for items in lists for item in items]
    return list_array(Array(offsets, type=DataType.int32()), _strings(texts))


_BUILDERS: Mapping[ColumnType, Callable[[Sequence[Cell]], Array]] = {
    "string": _strings,
    "integer": _plain(DataType.int64()),
    "number": _plain(DataType.float64()),
    "boolean": _plain(DataType.bool()),
    "time": _times,
    "strings": _lists,
}
