"""The models of all indexed commits, those that are stale, and the imports that are outdated."""

from collections.abc import Iterator, Mapping

from lineage_diff.organization.answers.engine import Engine, Found, in_parts, one_of
from lineage_diff.organization.answers.gaps import GAPS
from lineage_diff.organization.answers.joins import is_around, redacted_reason
from lineage_diff.organization.answers.registered import registered_uses
from lineage_diff.organization.answers.rows import recorded_in
from lineage_diff.organization.views import IN_FORCE
from lineage_diff.report.organization.answers import (
    ModelNow,
    OrganizationUnknown,
    OutdatedImport,
    RecordedIn,
)


def models_now(engine: Engine, view: str = "models_now") -> Iterator[ModelNow]:
    """Yield the models of a view with the columns of `models_now`, by repository and path."""
    rows = list(engine.rows(f"SELECT * FROM {view} ORDER BY repository, path"))
    uses = registered_uses(engine, sorted({str(row["repository"]) for row in rows}))
    importers = _importers(engine)
    for row in rows:
        yield ModelNow(
            row["repository"],
            row["path"],
            row["name"],
            row["hash"],
            row["size"],
            row["stage"],
            row["freshness"],
            tuple(zip(row["reasons"] or (), row["subjects"] or (), strict=True)),
            _made(row),
            tuple(row["owners"] or ()),
            uses.get((row["repository"], row["path"], row["hash"]), ()),
            tuple(sorted(set(_imported_by(row, importers)))),
        )


def _made(row: Found) -> RecordedIn | None:
    if row["made"] is None:
        return None
    return recorded_in({"commit": row["made"], "date": row["made_date"]})


def _importers(engine: Engine) -> Mapping[str, list[Found]]:
    """Return the imports in force by their source repository."""
    found: dict[str, list[Found]] = {}
    for row in engine.rows(
        f"SELECT DISTINCT i.repository, i.source_repository, i.path {IN_FORCE} "
        "WHERE i.source_repository IS NOT NULL AND i.path IS NOT NULL"
    ):
        found.setdefault(row["source_repository"], []).append(row)
    return found


def _imported_by(model: Found, importers: Mapping[str, list[Found]]) -> Iterator[str]:
    for row in importers.get(model["repository"], ()):
        if is_around(str(row["path"]), model["path"]):
            yield str(row["repository"])


def outdated_imports(engine: Engine) -> Iterator[OutdatedImport]:
    """Yield the imports in force whose source has another version now."""
    rows = list(engine.rows("SELECT * FROM outdated_imports ORDER BY repository, path"))
    dates = _dates(engine, rows)
    for row in rows:
        commit = row["source_commit"]
        changed = {"commit": commit, **dates.get((row["source_repository"], commit), {})}
        yield OutdatedImport(
            row["repository"],
            row["path"],
            row["hash"],
            row["rev"],
            row["source_repository"],
            row["source_path"],
            row["source_hash"],
            recorded_in(changed),
        )


_UNDECIDED = {
    "gone": "it may be outdated: the indexed commit there has no {source} any more",
    "import": "it cannot be compared with {source}: its own version is not recorded",
    "source": "it may be outdated: the version of {source} is not recorded",
    "redacted": "it may be outdated: {redacted}",
    "path": "it may be outdated: no run made {source}, as if it were a part of a folder, or Git "
    "alone tracked it",
}


def unknown_imports(engine: Engine) -> Iterator[OrganizationUnknown]:
    """Yield the imports in force of which the tables cannot say whether they are outdated."""
    rows = list(engine.rows("SELECT * FROM unknown_imports ORDER BY repository, path"))
    for row in rows[:GAPS]:
        path, repository = str(row["source_path"] or ""), str(row["source_repository"])
        reason = _UNDECIDED[row["reason"]].format(
            source=f"`{path or '.'}` of `{repository}`", redacted=redacted_reason(repository, path)
        )
        yield OrganizationUnknown(row["repository"], row["path"], reason)
    if len(rows) > GAPS:
        reason = f"{len(rows) - GAPS:,} more cannot be compared with their sources"
        yield OrganizationUnknown(None, "imports", reason)


def _dates(engine: Engine, rows: list[Found]) -> Mapping[tuple[str, str], Found]:
    found: dict[tuple[str, str], Found] = {}
    for part in in_parts(str(row["source_commit"]) for row in rows):
        for row in engine.rows(
            "SELECT repository, commit, date, author, pull_request FROM commits "
            f"WHERE {one_of('commit', part)}"
        ):
            found[row["repository"], row["commit"]] = row
    return found
