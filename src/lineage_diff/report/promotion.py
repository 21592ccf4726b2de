"""The report of a promotion, schema version 1: its types and its JSON."""

from typing import Literal

import msgspec
from msgspec import Struct

from lineage_diff.lineage.policy import ConditionName, Requirement
from lineage_diff.report.change import InUse, ModelCard, Side
from lineage_diff.report.json_codec import decode_strictly, formatted, json_of
from lineage_diff.report.report import Repository, Revision, Tool

ConditionState = Literal["met", "broken", "unknown", "not-asked"]


class ConditionResult(Struct, frozen=True):
    """The answer of one condition: one line, with names in backticks.

    `not-asked`: it does not apply, or the configuration turns it off. `passed` is the answer
    under the `requirement` of the configuration. `details` are further lines, and
    `omitted_details` counts the others.
    """

    name: ConditionName
    title: str
    requirement: Requirement
    state: ConditionState
    passed: bool
    line: str
    details: tuple[str, ...] = ()
    omitted_details: int = 0


class TagRecord(Struct, frozen=True):
    """The annotated tag of the registry that promotes: its object's id, and who tagged when.

    `tagger` is a name and an address, as the tag states them; `date` is in ISO 8601, in UTC;
    `None` if the tag states no date that a calendar has.
    """

    name: str
    object: str
    commit: str
    tagger: str
    date: str | None


class LockRecord(Struct, frozen=True):
    """The lock entry of the model's stage. `commit` is the one that wrote it, `None` if unknown.

    `line` counts from 1.
    """

    stage: str
    file: str | None
    line: int | None
    commit: str | None


class PromotedModel(Struct, frozen=True):
    """The model: its name in the registry, its path, and its content at the commit.

    `version` is `None` for a commit that no version names, `stage` if no stage is to be assigned.
    """

    name: str
    path: str
    content: Side
    version: str | None
    stage: str | None


class PromotionReport(Struct, frozen=True, kw_only=True):
    """Every key is always present; lists are sorted; unknown is `None`.

    `revision` is the commit of the version. `policy` is the default branch, whose configuration
    counts, with the commit that was its tip; `policy_file` is `None` if it has none. `in_use` are
    the versions that the metrics were compared with. `card` is what the pipeline says of the model
    at its commit, with the code owners of the default branch, and has no mentions.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    model: PromotedModel
    revision: Revision
    policy: Revision
    policy_file: str | None
    conclusion: Literal["success", "failure"]
    tag: TagRecord | None = None
    lock: LockRecord | None = None
    card: ModelCard | None = None
    in_use: tuple[InUse, ...] = ()
    conditions: tuple[ConditionResult, ...] = ()


SCHEMA_VERSION = 1


def encode_promotion(report: PromotionReport) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports."""
    return formatted(json_of(report, odd=False))


def storable_promotion(report: PromotionReport) -> PromotionReport:
    """Return the report as `decode_promotion` would read it from `encode_promotion`."""
    return msgspec.json.decode(json_of(report, odd=False), type=PromotionReport)


def decode_promotion(data: bytes, source: str) -> PromotionReport:
    """Return the report that `encode_promotion` wrote. Raises `ReportError`, with the JSON path."""
    return decode_strictly(data, source, PromotionReport, SCHEMA_VERSION)
