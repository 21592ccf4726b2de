"""Which content a version of the registry is, and which versions of the registry a content is."""

from collections.abc import Iterable
from dataclasses import dataclass

from lineage_diff.compare.made import made_outs
from lineage_diff.compare.side import Side
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.registry import RegistryVersion


@dataclass(frozen=True, slots=True)
class Registered:
    """A version of the registry with its path at its commit and the hash that it had there."""

    version: RegistryVersion
    path: str | None
    hash: str | None


def registered_at(version: RegistryVersion, lineage: Lineage) -> Registered:
    """Find an artifact of the registry in its commit: `NAME`, or `FOLDER:NAME` of a `dvc.yaml`."""
    path = artifact_path(version.artifact, lineage)
    made = made_outs(lineage.stages, {}).get(path) if path is not None else None
    found = made.version.hash if made is not None and made.version is not None else None
    return Registered(version, path, str(found) if found is not None else None)


def artifact_path(name: str, lineage: Lineage) -> str | None:
    """Return the path of an artifact by the name that tags have for it."""
    folder, _, short = name.rpartition(":")
    for artifact in lineage.artifacts:
        if artifact.name == short and artifact.file.rpartition("/")[0] == folder:
            return artifact.path
    return None


def versions_of(
    registered: Iterable[Registered], path: str, version: Side | None
) -> tuple[RegistryVersion, ...]:
    """Return the versions of the registry that are this content at this path."""
    if version is None or version.hash is None:
        return ()
    value = version.hash.rpartition(":")[2]
    return tuple(
        item.version
        for item in registered
        if item.path == path and item.hash is not None and item.hash.rpartition(":")[2] == value
    )
