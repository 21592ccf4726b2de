"""The versions of models that a registry of Git tags has."""

from collections.abc import Mapping, Sequence

from lineage_diff.organization.answers.engine import Engine, in_parts, one_of
from lineage_diff.report.organization.answers import RegisteredUse

Registered = Mapping[tuple[str, str, str | None], tuple[RegisteredUse, ...]]
"""By repository, path and hash of the model."""


def registered_uses(engine: Engine, repositories: Sequence[str]) -> Registered:
    """Return the registered versions of some repositories."""
    found: dict[tuple[str, str, str | None], tuple[RegisteredUse, ...]] = {}
    for part in in_parts(repositories):
        for row in engine.rows(
            "SELECT repository, artifact, version, stages, active, path, hash FROM registry "
            f"WHERE {one_of('repository', part)} AND path IS NOT NULL AND hash IS NOT NULL "
            "ORDER BY artifact, version"
        ):
            use = RegisteredUse(
                row["artifact"], row["version"], tuple(row["stages"] or ()), bool(row["active"])
            )
            key = row["repository"], row["path"], row["hash"]
            found[key] = (*found.get(key, ()), use)
    return found
