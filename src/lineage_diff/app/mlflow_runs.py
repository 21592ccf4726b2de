"""Find the MLflow runs of a change and of the answers about the history, and versions in use."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.lineage.registry import mlflow_versions
from lineage_diff.mlflow.linked_runs import linked_runs
from lineage_diff.mlflow.metric_check import MetricNumber, metric_numbers
from lineage_diff.report.change import InUse, Unknown
from lineage_diff.report.mlflow import NO_RUNS, LinkedRuns

if TYPE_CHECKING:
    from lineage_diff.git.repository import GitRepository
    from lineage_diff.lineage.lineage import Lineage, RegistryArtifact
    from lineage_diff.lineage.mlflow import MlflowUse
    from lineage_diff.lineage.registry import RegistryVersion
    from lineage_diff.report.answers import History, Trace
    from lineage_diff.report.change import Change


def has_mlflow() -> bool:
    """Whether an MLflow server is configured."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI", "").strip())


def runs_of_change(commits: Sequence[str], head: "Lineage", names: Sequence[str]) -> LinkedRuns:
    """Find the runs of a change's commits, newest first, and compare their metrics with the head.

    `names` are the tags and params with the commit of a run. Empty without a server.
    """
    return _link_runs(commits, {tuple(commits): metric_numbers(head.metrics)}, names)


def runs_of_answers(
    traces: "Iterable[Trace]",
    histories: "Iterable[History]",
    names: Sequence[str],
) -> LinkedRuns:
    """Ask for the runs of the commits that made the versions of models."""
    numbers: dict[tuple[str, ...], list[MetricNumber]] = {}
    commits = [trace.made.id for trace in traces if trace.made is not None]
    for step in (step for history in histories for step in history.steps):
        if step.commit is not None:
            commits.append(step.commit.id)
            held = numbers.setdefault((step.commit.id,), [])
            held += ((item.file, item.key, item.value) for item in step.metrics)
    return _link_runs(list(dict.fromkeys(commits)), numbers, names)


def _link_runs(
    commits: Sequence[str],
    numbers: Mapping[tuple[str, ...], Iterable[MetricNumber]],
    names: Sequence[str],
) -> LinkedRuns:
    if not commits or not has_mlflow():
        return NO_RUNS
    from lineage_diff.mlflow.lookup import ask_mlflow

    answer = ask_mlflow(commits, names=names)
    return NO_RUNS if answer is None else linked_runs(answer, commits, numbers)


class UseAnswer(Struct, frozen=True):
    """The versions that MLflow has in use, and the full ids of those commits that exist here."""

    use: "MlflowUse"
    commits: Mapping[str, str]


def ask_for_use(
    repository: "GitRepository", artifacts: "Iterable[RegistryArtifact]", names: Sequence[str]
) -> UseAnswer | None:
    """Ask MLflow for the versions in use, those of the artifacts first; `None` without a server."""
    if not has_mlflow():
        return None
    from lineage_diff.mlflow.lookup import ask_used

    answer = ask_used({artifact.name for artifact in artifacts}, names=names)
    if answer is None:
        return None
    asked = dict.fromkeys(item.commit for item in answer.versions if item.commit)
    commits = {text: full for text in asked if (full := _full_id(repository, text))}
    return UseAnswer(answer, commits)


def used_versions(
    repository: "GitRepository",
    artifacts: "Iterable[RegistryArtifact]",
    models: Iterable[str],
    names: Sequence[str],
) -> "tuple[Mapping[str, tuple[RegistryVersion, ...]], tuple[Unknown, ...]]":
    """Return the versions that MLflow has in use, by the path of their model; what is unknown.

    `models` are the paths of all models. Nothing without a server.
    """
    artifacts = list(artifacts)
    answer = ask_for_use(repository, artifacts, names)
    if answer is None:
        return {}, ()
    found = mlflow_versions(answer.use.versions, artifacts, set(models), answer.commits)
    unknown = answer.use.unavailable
    return found, () if unknown is None else (Unknown("MLflow", unknown),)


def with_mlflow_use(
    change: "Change",
    repository: "GitRepository",
    artifacts: "Iterable[RegistryArtifact]",
    names: Sequence[str],
) -> "Change":
    """Add the versions that MLflow has in use to the models, below those of Git tags."""
    paths = [model.path for model in change.models]
    found, unknowns = used_versions(repository, artifacts, paths, names)
    if not found and not unknowns:
        return change
    models = tuple(
        replace(model, in_use=(*model.in_use, *map(_in_use, versions)))
        if (versions := found.get(model.path) or found.get(model.renamed_from or ""))
        else model
        for model in change.models
    )
    return replace(change, models=models, unknowns=(*change.unknowns, *unknowns))


def _in_use(version: "RegistryVersion") -> InUse:
    return InUse(version.version, version.stages, version.tag, version.registry)


def _full_id(repository: "GitRepository", commit: str) -> str | None:
    try:
        return repository.resolve(commit)
    except InputError:
        return None
