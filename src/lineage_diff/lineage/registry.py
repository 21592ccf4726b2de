"""Versions in a model registry of Git tags, and the names of its tags.

The format is GTO's (https://dvc.org/doc/gto/user-guide), with the regular expressions of
`gto.constants`: `NAME@v1.2.0` registers a version, `NAME@v1.2.0!` deregisters it,
`NAME@deprecated` deprecates the artifact; `NAME#STAGE` assigns a stage to the version at the same
commit, `NAME#STAGE!` unassigns it; `#N` may follow, to make tags unique. In a tag, `=` replaces the
`:` between folder and name.
"""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.paths import folder_of

_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-/_]*[a-zA-Z0-9])?"
_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRERELEASE = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = (
    rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
# Python does not convert very long texts to numbers.
_DIGITS = 1_000
_TAG = re.compile(
    rf"(?P<artifact>(?:[a-zA-Z0-9\-_./]+=)?{_NAME})"
    rf"(?:(?:#(?P<stage>{_NAME})|@(?P<version>{_VERSION}))(?P<cancel>!?)"
    r"|@(?:(?P<deprecated>deprecated)|created))(?:#(?P<number>[0-9]+))?"
)


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

    @property
    def promotes(self) -> bool:
        """Whether it registers a version or assigns a stage, and withdraws neither."""
        return not self.cancel and bool(self.version or self.stage)


def parse_tag(name: str, commit: str = "", time: int = 0) -> RegistryTag | None:
    """Parse a tag's name; `None` for a tag outside the registry. `time` in Unix seconds."""
    match = _TAG.fullmatch(name)
    if match is None:
        return None
    return RegistryTag(
        name,
        match["artifact"].replace("=", ":"),
        commit,
        time,
        match["version"],
        match["stage"],
        match["cancel"] == "!",
        match["deprecated"] is not None,
        int((match["number"] or "0")[:_DIGITS]),
    )


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
