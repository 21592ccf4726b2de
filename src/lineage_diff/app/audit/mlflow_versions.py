"""Add the versions that MLflow has in use to the registry of an audit."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.mlflow_runs import disagreement, used_versions
from lineage_diff.audit.models import Registered
from lineage_diff.errors import InputError
from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.registry import RegistryVersion, versions_in_use
from lineage_diff.lineage.version import hash_text
from lineage_diff.report.change import Unknown


def with_mlflow_versions(context: AuditContext) -> tuple[AuditContext, tuple[Unknown, ...]]:
    """Ask the MLflow server, if one is configured; return also what is unknown."""
    names = context.policy.mlflow_commit
    artifacts = context.lineage.artifacts
    used = used_versions(context.repository, artifacts, context.models, names)
    found, unknowns = used.versions, used.unknowns
    tagged = versions_in_use(context.registry, artifacts)
    for path in found:
        unknowns += disagreement(path, (*tagged.get(path, ()), *used.dated(path)))
    versions = tuple(version for path in found for version in found[path])
    added = replace(
        context,
        registry=(*context.registry, *versions),
        registered=(*context.registered, *_registered(context, found)),
    )
    return added, unknowns


def _registered(
    context: AuditContext, found: Mapping[str, tuple[RegistryVersion, ...]]
) -> Iterator[Registered]:
    for path, versions in found.items():
        for version in versions:
            if not version.commit:
                continue
            try:
                lineage = context.reader.read(version.commit)
            except InputError:
                continue
            made = outputs_by_path(lineage.stages, {}).get(path)
            yield Registered(version, path, hash_text(made.version) if made is not None else None)
