"""An answer over many repositories as CSV (RFC 4180): one row for each version, input or model."""

import csv
import io
from collections.abc import Iterator

from lineage_diff.render.exports.csv import safe_cell
from lineage_diff.report.organization.answers import RecordedIn, RegisteredUse, stages_in_use
from lineage_diff.report.organization.report import OrganizationReport

IMPACT = (
    "repository",
    "path",
    "name",
    "hash",
    "size",
    "commit",
    "date",
    "replaced_by",
    "replaced",
    "distance",
    "hops",
    "certain",
    "present",
    "freshness",
    "registered",
    "stages",
    "owners",
)
TRACE = (
    "repository",
    "path",
    "hash",
    "kind",
    "stage",
    "commit",
    "date",
    "distance",
    "hops",
)
MODELS = (
    "repository",
    "path",
    "name",
    "hash",
    "size",
    "stage",
    "freshness",
    "reasons",
    "commit",
    "date",
    "registered",
    "stages",
    "owners",
    "imported_by",
)
Cell = str | int | bool | None


def organization_csv(report: OrganizationReport) -> str:
    """Return a header and the rows of the answer; lists are joined by spaces."""
    out = io.StringIO()
    writer = csv.writer(out)
    if report.impact is not None:
        writer.writerow(IMPACT)
        rows = _impact(report)
    elif report.trace is not None:
        writer.writerow(TRACE)
        rows = _trace(report)
    else:
        writer.writerow(MODELS)
        rows = _models(report)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    return out.getvalue()


def _impact(report: OrganizationReport) -> Iterator[tuple[Cell, ...]]:
    for model in report.impact.models if report.impact is not None else ():
        for version in model.versions:
            yield (
                model.repository,
                model.path,
                model.name,
                version.hash,
                version.size,
                *_commit(version.first),
                *_commit(version.last),
                version.distance,
                model.hops,
                model.certain,
                model.present,
                model.freshness,
                _names(version.registered),
                " ".join(stages_in_use(version.registered)),
                " ".join(model.owners),
            )


def _trace(report: OrganizationReport) -> Iterator[tuple[Cell, ...]]:
    for item in report.trace.inputs if report.trace is not None else ():
        made = _commit(item.made)
        version = (item.repository, item.path, item.hash, item.kind)
        yield (*version, item.stage, *made, item.distance, item.hops)


def _models(report: OrganizationReport) -> Iterator[tuple[Cell, ...]]:
    for model in report.models:
        yield (
            model.repository,
            model.path,
            model.name,
            model.hash,
            model.size,
            model.stage,
            model.freshness,
            " ".join(f"{kind}:{subject}" for kind, subject in model.reasons),
            *_commit(model.made),
            _names(model.registered),
            " ".join(model.stages),
            " ".join(model.owners),
            " ".join(model.imported_by),
        )


def _commit(recorded: RecordedIn | None) -> tuple[Cell, Cell]:
    return (None, None) if recorded is None else (recorded.commit, recorded.date)


def _names(registered: tuple[RegisteredUse, ...]) -> str:
    return " ".join(f"{use.artifact}@{use.version}" for use in registered if use.active)
