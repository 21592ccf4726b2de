"""The schema of the tables and its page."""

from pathlib import Path

from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.tables.schema import COMMON
from lineage_diff.organization.tables_page import tables_section
from lineage_diff.organization.views_page import views_section

PAGE = Path(__file__).parents[2] / "docs" / "organization.md"


def test_the_page_has_every_column() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert tables_section() in text, "run scripts/organization-tables"
    assert views_section() in text, "run scripts/organization-tables"


def test_a_table_is_sorted_by_its_own_columns() -> None:
    for table in TABLES.values():
        names = [column.name for column in table.all_columns]
        assert len(set(names)) == len(names), table.name
        assert set(table.sort) <= set(names) - {column.name for column in COMMON}, table.name
