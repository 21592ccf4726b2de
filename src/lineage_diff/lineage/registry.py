"""Versions in a model registry of Git tags."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.paths import folder_of


class RegistryTag(Struct, frozen=True):
    """One tag of the registry, with a `version`, a `stage`, or neither if it deprecates.

    `object` is the id of the annotated tag, `commit` the one that it names; `time` in Unix seconds.
    `number` is that at the end of the name, 0 without one: of two tags of one second, the one with
    the greater number is the later.
    """

    name: str
    artifact: str
    commit: str
    time: int
    version: str | None = None
    stage: str | None = None
    cancel: bool = False
    deprecated: bool = False
    number: int = 0
    object: str = ""
    tagger: str = ""


class RegistryVersion(Struct, frozen=True):
    """A version that Git tags register, in GTO's format.

    `commit` is the tagged one. `stages` are its current stages, such as `prod`; `active` is false
    if it was deregistered or its artifact deprecated.
    """

    artifact: str
    version: str
    tag: str
    commit: str
    stages: tuple[str, ...] = ()
    active: bool = True


def versions_in_use(
    registry: Iterable[RegistryVersion], artifacts: Iterable[RegistryArtifact]
) -> Mapping[str, tuple[RegistryVersion, ...]]:
    """Return the versions that are in a stage, by the path of their artifact.

    In tags, an artifact of a `dvc.yaml` in a folder is named `FOLDER:NAME`.
    """
    found: dict[str, tuple[RegistryVersion, ...]] = {}
    used: dict[str, list[RegistryVersion]] = {}
    for version in registry:
        if version.active and version.stages:
            used.setdefault(version.artifact, []).append(version)
    for artifact in artifacts:
        folder = folder_of(artifact.file)
        name = f"{folder}:{artifact.name}" if folder else artifact.name
        if name in used:
            found[artifact.path] = tuple(used[name])
    return found
