"""Versions in a model registry of Git tags or of MLflow, and the names of the tags.

The format of tags is GTO's (https://dvc.org/doc/gto/user-guide), with the regular expressions of
`gto.constants`: `NAME@v1.2.0` registers a version, `NAME@v1.2.0!` deregisters it,
`NAME@deprecated` deprecates the artifact; `NAME#STAGE` assigns a stage to the version at the same
commit, `NAME#STAGE!` unassigns it; `#N` may follow, to make tags unique. In a tag, `=` replaces the
`:` between folder and name.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.mlflow import MlflowUsed
from lineage_diff.lineage.paths import folder_of
from lineage_diff.text import join_some

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
    if it was deregistered or its artifact deprecated. In MLflow, `commit` is that of the run, empty
    if unknown, `stages` are its aliases and its stage, and `tag` is its address
    (`models:/churn/3`).
    """

    artifact: str
    version: str
    tag: str
    commit: str
    stages: tuple[str, ...] = ()
    active: bool = True
    registry: Literal["git", "mlflow"] = "git"


_SHOWN = 7
_NAMED = 3
# MLflow's own stages, by the names that teams give their stages.
_SYNONYMS = {"prod": "production", "stage": "staging"}


def of_stage(version: RegistryVersion, stage: str) -> bool:
    """Whether an alias or a stage of MLflow is that stage of Git tags: `Production` is `prod`."""
    return _one_name(stage) in map(_one_name, version.stages)


def _one_name(stage: str) -> str:
    name = stage.lower()
    return _SYNONYMS.get(name, name)


class Disagreement(Struct, frozen=True):
    """A stage of Git tags that MLflow has, too, with the versions that each names."""

    stage: str
    git: tuple[RegistryVersion, ...]
    mlflow: tuple[RegistryVersion, ...]

    @property
    def text(self) -> str:
        """The stage with the versions of both registries and their commits, in one line."""
        git = _held((item.version, item.commit) for item in self.git)
        mlflow = _held((item.tag, item.commit) for item in self.mlflow)
        return f"{self.stage} is {git} in Git tags, and {mlflow} in MLflow"


def _held(named: Iterable[tuple[str, str]]) -> str:
    return join_some([f"{name} of commit {commit[:_SHOWN]}" for name, commit in named], _NAMED)


def disagreements(versions: Iterable[RegistryVersion]) -> tuple[Disagreement, ...]:
    """Return the stages that Git tags and MLflow give to versions of different commits.

    `versions` are those of one model, with their commits. One without a commit proves nothing.
    """
    known = [item for item in versions if item.commit]
    found = []
    for stage in dict.fromkeys(s for item in known if item.registry == "git" for s in item.stages):
        held = [item for item in known if of_stage(item, stage)]
        git = tuple(item for item in held if item.registry == "git")
        mlflow = tuple(item for item in held if item.registry == "mlflow")
        commits = {item.commit for item in git}
        if mlflow and commits.isdisjoint(item.commit for item in mlflow):
            found.append(Disagreement(stage, git, mlflow))
    return tuple(found)


def disagreement_line(found: Iterable[Disagreement]) -> str:
    """Return that the registries disagree, and on which stages; empty if they do not."""
    texts = [item.text for item in found]
    return f"the registries disagree: {join_some(texts, _NAMED)}" if texts else ""


def versions_in_use(
    registry: Iterable[RegistryVersion], artifacts: Iterable[RegistryArtifact]
) -> Mapping[str, tuple[RegistryVersion, ...]]:
    """Return the versions that are in a stage, by the path of their artifact."""
    found: dict[str, tuple[RegistryVersion, ...]] = {}
    used: dict[str, list[RegistryVersion]] = {}
    for version in registry:
        if version.active and version.stages:
            used.setdefault(version.artifact, []).append(version)
    for artifact in artifacts:
        name = registered_name(artifact)
        if name in used:
            found[artifact.path] = tuple(used[name])
    return found


def registered_name(artifact: RegistryArtifact) -> str:
    """Return the name of an artifact in the registry: `NAME`, or `FOLDER:NAME`."""
    folder = folder_of(artifact.file)
    return f"{folder}:{artifact.name}" if folder else artifact.name


def mlflow_versions(
    used: Iterable[MlflowUsed],
    artifacts: Iterable[RegistryArtifact],
    models: Collection[str],
    commits: Mapping[str, str],
) -> Mapping[str, tuple[RegistryVersion, ...]]:
    """Return the versions that MLflow has in use, by the path of their model.

    `models` are the paths of the models, `commits` the full ids of those commits of runs that the
    repository has. A version belongs to the model that its run names, else to the artifact of its
    name, else to the only model, if its run names a commit of the repository. A run of a commit
    that the repository lacks is another repository's.
    """
    names = {artifact.name: artifact.path for artifact in artifacts}
    only = next(iter(models)) if len(models) == 1 else None
    found: dict[str, list[RegistryVersion]] = {}
    for item in used:
        commit = commits.get(item.commit or "")
        path = names.get(item.name)
        if commit is not None:
            path = item.model if item.model in models else path or only
        elif item.commit is not None:
            path = None
        if path is not None:
            tag = f"models:/{item.name}/{item.version}"
            version = RegistryVersion(
                item.name, item.version, tag, commit or "", item.stages, registry="mlflow"
            )
            found.setdefault(path, []).append(version)
    return {path: tuple(versions) for path, versions in sorted(found.items())}
