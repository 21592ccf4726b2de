"""The comparison of several revisions in one table: params, metrics and freshness of each."""

from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.policy import Better, Severity
from lineage_diff.report.change import MetricNoise, Unknown
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.reasons import Freshness


class ChangedInput(Struct, frozen=True):
    """An input besides params that differs from the first revision: data, code, a command, …."""

    kind: str
    subject: str


class ComparedRevision(Struct, frozen=True):
    """One column of the table. `rev` is the revision as the user named it.

    `freshness` is that of the stages that make models or metrics; `stale` and `unknown` are those
    stages by id. `inputs` are the changed inputs besides params; `omitted_inputs` counts the
    others. `findings` are those of the rules on metrics and stale models, and `verdict` is theirs.
    `unreadable` are the params and metrics files whose values are unknown, so that the verdict may
    lack something.
    """

    rev: str
    commit: str
    freshness: Freshness
    verdict: Verdict
    stale: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    inputs: tuple[ChangedInput, ...] = ()
    omitted_inputs: int = 0
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[str, ...] = ()


class ParamCell(Struct, frozen=True):
    """The value of a param; `None` if the revision has none, or has `null`.

    `differs`: it is not the value of the first revision. `unknown`: its file cannot be read.
    """

    value: Any
    differs: bool = False
    unknown: bool = False


class ParamRow(Struct, frozen=True):
    """A param that differs between the revisions, with a value for each of them."""

    file: str
    key: str
    values: tuple[ParamCell, ...]


class MetricCell(Struct, frozen=True):
    """The value of a metric; `None` if the revision has none.

    `note` compares it with the first revision, `None` if that cannot be rated. `severity` is that
    of the worst finding on it. `rank` is `best`, or `near` if the difference from the best value is
    tolerated or within the noise. `stale`: the stage that writes it is stale, so the value is none
    of the committed inputs, and is not ranked. `unknown`: its file cannot be read.
    """

    value: Any
    note: Literal["better", "worse", "tolerated", "no-number", "missing"] | None = None
    severity: Severity | None = None
    rank: Literal["best", "near"] | None = None
    beyond_limit: bool = False
    stale: bool = False
    unknown: bool = False


class MetricRow(Struct, frozen=True):
    """A metric that differs between the revisions or has a finding, with a value for each of them.

    `better` is `None` if the direction is unknown. `noise` is that of its history, `None` if it was
    not needed.
    """

    file: str
    key: str
    better: Better | None
    values: tuple[MetricCell, ...]
    noise: MetricNoise | None = None


class ExperimentTable(Struct, frozen=True):
    """Several revisions, of which the first is the baseline, and what differs between them.

    The first `leading` are no experiments: the baseline, and in the report of a change its head.
    `omitted_params` and `omitted_metrics` count rows beyond the limit, `omitted_revisions` the
    experiments beyond it.
    """

    revisions: tuple[ComparedRevision, ...]
    params: tuple[ParamRow, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    omitted_params: int = 0
    omitted_metrics: int = 0
    omitted_revisions: int = 0
    unknowns: tuple[Unknown, ...] = ()
    leading: int = 1


def with_names(table: ExperimentTable | None, *names: str) -> ExperimentTable | None:
    """Return the table with these names of its first revisions."""
    if table is None:
        return None
    first = zip(table.revisions, names, strict=False)
    named = tuple(replace(item, rev=name) for item, name in first)
    return replace(table, revisions=(*named, *table.revisions[len(names) :]))
