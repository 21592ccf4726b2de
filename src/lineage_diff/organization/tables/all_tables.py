"""The tables of an organization's store, column by column.

The schema of the stored files, and the section on tables in docs/organization.md, are generated
from these. Every table also has the columns of `COMMON`. A repository's rows are its part; rows of
the part are visible if `generations` has a row with their repository and generation.

`repository`, paths, hashes and ids are those of `catalog.facts`.
"""

from collections.abc import Mapping
from typing import Final

from lineage_diff.organization.tables.head_tables import (
    FRESHNESS,
    GENERATIONS,
    MODELS,
    OUTS,
    REGISTRY,
    REPOSITORIES,
    STAGE_EDGES,
)
from lineage_diff.organization.tables.history_tables import (
    ARTIFACTS,
    COMMITS,
    EDGES,
    MADE_FROM,
    METRICS,
    PARAMS,
    RUNS,
    SOURCES,
    UNKNOWNS,
)
from lineage_diff.organization.tables.schema import TableSchema

SCHEMA_VERSION: Final = 2
"""Raised when a table or column is added, is removed or changes its meaning."""

TABLES: Final[Mapping[str, TableSchema]] = {
    table.name: table
    for table in (
        GENERATIONS,
        REPOSITORIES,
        COMMITS,
        RUNS,
        ARTIFACTS,
        EDGES,
        MADE_FROM,
        PARAMS,
        METRICS,
        MODELS,
        REGISTRY,
        SOURCES,
        FRESHNESS,
        STAGE_EDGES,
        OUTS,
        UNKNOWNS,
    )
}
"""All tables by name. `generations` is written last and read first."""
