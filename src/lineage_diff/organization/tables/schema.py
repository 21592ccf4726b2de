"""The schema of a table: its columns, and the shape of its rows."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

ColumnType = Literal["string", "integer", "number", "boolean", "time", "strings"]
"""`integer` has 64 bits, `number` is a double, `time` a UTC timestamp in microseconds."""
PartKind = Literal["history", "head"]
"""Rows that stay when commits are added, and rows that each index replaces."""
Cell = str | int | float | bool | datetime | tuple[str, ...] | None
Row = tuple[Cell, ...]


class Column(Struct, frozen=True):
    """A column. `null` says what null means; without it, the column has no null."""

    name: str
    type: ColumnType
    about: str
    null: str | None = None
    unit: str | None = None


class TableSchema(Struct, frozen=True):
    """A table, without the columns of `COMMON`. `sort` are the columns that order its files.

    A table of the `kind` history also has rows of the head, if `about` says so.
    """

    name: str
    kind: PartKind
    about: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """All its columns, in the order of the stored files."""
        return (*COMMON, *self.columns)


COMMON: Final = (
    Column(
        "repository",
        "string",
        "host and name, `github.com/owner/name`, or `commit:` and the id of the first commit",
    ),
    Column("generation", "string", "id of the write; the row counts if `generations` has the pair"),
)

STAGE = Column("stage", "string", "id `path/dvc.yaml:name`, or the path of a `.dvc` file")
PATH = Column("path", "string", "relative to the root of the repository, or its address")
URL = Column("url", "string", "address of a path outside of the repository", "it lies inside")
SIZE = Column("size", "integer", "size of the content", "not recorded", "bytes")
FILES = Column("files", "integer", "number of files in a folder", "a file, or not recorded")
AUTHORED: Final = (
    Column("author_date", "string", "the author's time in ISO 8601, with its offset"),
    Column("author", "string", "name of the author"),
    Column("subject", "string", "first line of the message", "redacted, or empty"),
    Column("pull_request", "integer", "number that GitHub wrote into the subject", "none"),
)
"""The columns of a commit about its author and message."""


def table_of(
    name: str, kind: PartKind, about: str, sort: tuple[str, ...], *columns: Column
) -> TableSchema:
    """Return a table of the columns, without those of `COMMON`."""
    return TableSchema(name, kind, about, columns, sort)
