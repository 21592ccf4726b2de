"""The report on many repositories, schema version 1: its type and its JSON."""

from typing import Literal

import msgspec
from msgspec import Struct

from lineage_diff.report.json_codec import decode_strictly, formatted, json_of
from lineage_diff.report.organization.answers import (
    ModelNow,
    OrganizationImpact,
    OrganizationTrace,
    OrganizationUnknown,
    OutdatedImport,
)
from lineage_diff.report.report import Tool

QuestionName = Literal["impact", "trace", "stale", "models"]


class StoreState(Struct, frozen=True):
    """The state of the tables that the answer is from.

    `version` is that of the table `generations`, `time` when it was written, in ISO 8601, in UTC.
    `as_of` is the requested version or date; `None`: the newest.
    """

    url: str
    version: int
    time: str | None
    as_of: str | None
    repositories: int


class OrganizationReport(Struct, frozen=True, kw_only=True):
    """Every key is always present; lists are sorted; unknown is `None`.

    Only the answer to the `question` is there. `models` are those of `stale` and `models`.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    store: StoreState
    question: QuestionName
    impact: OrganizationImpact | None = None
    trace: OrganizationTrace | None = None
    models: tuple[ModelNow, ...] = ()
    outdated_imports: tuple[OutdatedImport, ...] = ()
    unknowns: tuple[OrganizationUnknown, ...] = ()


SCHEMA_VERSION = 1


def encode_organization(report: OrganizationReport) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports."""
    return formatted(json_of(report, odd=False))


def storable_organization(report: OrganizationReport) -> OrganizationReport:
    """Return the report as `decode_organization` would read it from `encode_organization`."""
    return msgspec.json.decode(json_of(report, odd=False), type=OrganizationReport)


def decode_organization(data: bytes, source: str) -> OrganizationReport:
    """Return the report that `encode_organization` wrote. Raises `ReportError`."""
    return decode_strictly(data, source, OrganizationReport, SCHEMA_VERSION)
