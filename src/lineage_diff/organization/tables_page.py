"""The section on tables in docs/organization.md, from the tables themselves."""

from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.tables.schema import COMMON, Column, TableSchema

BEGIN = "<!-- tables -->"
END = "<!-- /tables -->"


def tables_section() -> str:
    """Return the Markdown of all tables, between its two marks."""
    return "\n\n".join((BEGIN, _columns(COMMON), *map(_section, TABLES.values()), END))


def _section(table: TableSchema) -> str:
    order = f" Sorted by {', '.join(f'`{name}`' for name in table.sort)}." if table.sort else ""
    return f"### `{table.name}`\n\n{table.about}{order}\n\n{_columns(table.columns)}"


def _columns(columns: tuple[Column, ...]) -> str:
    rows = [f"| `{column.name}` | {_type(column)} | {_value(column)} |" for column in columns]
    return "\n".join(("| Column | Type | Value |", "|:--|:--|:--|", *rows))


def _type(column: Column) -> str:
    return f"{column.type}, null" if column.null is not None else column.type


def _value(column: Column) -> str:
    unit = f", in {column.unit}" if column.unit is not None else ""
    null = f"; null: {column.null}" if column.null is not None else ""
    return f"{column.about}{unit}{null}"
