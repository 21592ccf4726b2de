"""Past and current models of a history, and their versions in the registry."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model, by_convention
from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.change import Side


class Registered(Struct, frozen=True):
    """A version in the registry, with its path and hash at its commit."""

    version: RegistryVersion
    path: str | None
    hash: str | None


def resolve_registered(version: RegistryVersion, lineage: Lineage) -> Registered:
    """Find an artifact of the registry in its commit, by `NAME` or `FOLDER:NAME`."""
    path = artifact_path(version.artifact, lineage)
    made = outputs_by_path(lineage.stages, {}).get(path) if path is not None else None
    found = made.version.hash if made is not None and made.version is not None else None
    return Registered(version, path, str(found) if found is not None else None)


def artifact_path(name: str, lineage: Lineage) -> str | None:
    """Return the path of an artifact by its name in tags, `None` if there is none."""
    folder, _, short = name.rpartition(":")
    for artifact in lineage.artifacts:
        if artifact.name == short and artifact.file.rpartition("/")[0] == folder:
            return artifact.path
    return None


def versions_of(
    registered: Iterable[Registered], path: str, version: Side | None
) -> tuple[RegistryVersion, ...]:
    """Return the versions in the registry with this content at this path."""
    if version is None or version.hash is None:
        return ()
    value = version.hash.rpartition(":")[2]
    return tuple(
        item.version
        for item in registered
        if item.path == path and item.hash is not None and item.hash.rpartition(":")[2] == value
    )


def past_and_present(
    ledger: Ledger,
    models: Mapping[str, Model],
    registered: tuple[Registered, ...],
    policy: Policy,
) -> dict[str, str | None]:
    """Return the name in the registry, or `None`, of all past and current models, by path.

    A path that nothing makes any more was a model if the registry has a version of it, or if a
    glob of the configuration or the convention matches.
    """
    found = {
        model.made.out.path if model.made is not None else path: model.name
        for path, model in models.items()
    }
    wanted = matcher(policy.models)
    for item in registered:
        if item.path is not None:
            found.setdefault(item.path, item.version.artifact)
    for path, entries in ledger.entries.items():
        gone = entries[-1].record is None
        if gone and path not in found and (wanted(path) or by_convention(path)):
            found[path] = None
    return dict(sorted(found.items()))
