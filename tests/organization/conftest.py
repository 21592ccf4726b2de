"""A store in a folder, and the rows that its readers see."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from deltalake import QueryBuilder

from lineage_diff.organization.address import store_address
from lineage_diff.organization.delta import DeltaStore, rows_of
from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.views import visible_rows

ALL = [name for name in TABLES if name != "generations"]
Seen = Mapping[str, list[tuple[tuple[str, Any], ...]]]


def seen(store: DeltaStore, names: Iterable[str] = ALL) -> Seen:
    """Return the visible rows of tables, without the ids of the writes."""
    found = {}
    # Each table is opened once.
    builder = QueryBuilder().register("generations", store.table("generations"))
    for name in names:
        builder.register(name, store.table(name))
        rows = rows_of(builder, visible_rows(TABLES[name], "").sql)
        shown = (tuple((key, row[key]) for key in row if key not in _IDS) for row in rows)
        found[name] = sorted(shown, key=repr)
    return found


# The id of the write, and the words by which the commit was named.
_IDS = ("generation", "rev")


@pytest.fixture
def store(tmp_path: Path) -> DeltaStore:
    found = DeltaStore(store_address(str(tmp_path / "tables")))
    found.create()
    return found


@pytest.fixture
def new_store(tmp_path: Path) -> Callable[[], DeltaStore]:
    """Return stores that are not yet there."""
    numbers = iter(range(100))
    return lambda: DeltaStore(store_address(str(tmp_path / f"store-{next(numbers)}")))
