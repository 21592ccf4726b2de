"""The report of an audit, schema version 1: answers from the history."""

from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.history import Unreadable
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.answers import Fix, History, Impact, Remake, Trace
from lineage_diff.report.change import Unknown
from lineage_diff.report.findings import Verdict
from lineage_diff.report.mlflow import LinkedRun, MetricDisagreement
from lineage_diff.report.report import Repository, Revision, Tool


class AuditReport(Struct, frozen=True, kw_only=True):
    """Every key is always present; answers that were not requested are empty; unknown is `None`.

    `revision` is the commit up to which the history was read. `complete` is false if the history
    is truncated: the oldest versions in it may be older. `verdict` is that of `audit`, on the
    freshness of the commit; `None` for a single question. `no_model` is true if no model is
    recognised at the commit: then an answer without models does not say that none is affected.
    `remakes` are the versions in use that were looked for in the remote. `unreadable` are the
    skipped files of commits; `runs` are the MLflow runs of the commits that made a version;
    `registry` lists all versions that Git tags register.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    revision: Revision
    complete: bool = True
    no_model: bool = False
    verdict: Verdict | None = None
    traces: tuple[Trace, ...] = ()
    histories: tuple[History, ...] = ()
    impacts: tuple[Impact, ...] = ()
    fixes: tuple[Fix, ...] = ()
    remakes: tuple[Remake, ...] = ()
    runs: tuple[LinkedRun, ...] = ()
    metric_disagreements: tuple[MetricDisagreement, ...] = ()
    registry: tuple[RegistryVersion, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
