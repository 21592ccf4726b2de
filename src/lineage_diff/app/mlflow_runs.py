"""Find the MLflow runs of a change and of the answers about the history, and versions in use."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.lineage.registry import (
    RegistryVersion,
    disagreement_line,
    disagreements,
    mlflow_versions,
    of_stage,
)
from lineage_diff.mlflow.linked_runs import linked_runs
from lineage_diff.mlflow.metric_check import MetricNumber, metric_numbers
from lineage_diff.report.change import InUse, Unknown
from lineage_diff.report.mlflow import NO_RUNS, LinkedRuns

if TYPE_CHECKING:
    from lineage_diff.git.repository import GitRepository
    from lineage_diff.lineage.lineage import Lineage, RegistryArtifact
    from lineage_diff.lineage.mlflow import MlflowUse
    from lineage_diff.report.answers import History, Trace
    from lineage_diff.report.change import Change, ModelChange


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


class UsedInMlflow(Struct, frozen=True):
    """The versions that MLflow has in use, by the path of their model, and what is unknown.

    `before_run` are the addresses of those whose run names only the commit that was checked out
    when it began: the commit of the version itself is a later one.
    """

    versions: Mapping[str, tuple[RegistryVersion, ...]] = {}
    before_run: frozenset[str] = frozenset()
    unknowns: tuple[Unknown, ...] = ()

    def dated(self, path: str) -> tuple[RegistryVersion, ...]:
        """Return the versions of a model whose commit is known to hold them."""
        versions = self.versions.get(path, ())
        return tuple(item for item in versions if item.tag not in self.before_run)


def used_versions(
    repository: "GitRepository",
    artifacts: "Iterable[RegistryArtifact]",
    models: Iterable[str],
    names: Sequence[str],
) -> UsedInMlflow:
    """Return the versions that MLflow has in use. `models` are the paths of all models.

    Nothing without a server.
    """
    artifacts = list(artifacts)
    answer = ask_for_use(repository, artifacts, names)
    if answer is None:
        return UsedInMlflow()
    found = mlflow_versions(answer.use.versions, artifacts, set(models), answer.commits)
    unknown = answer.use.unavailable
    return UsedInMlflow(
        found,
        frozenset(f"models:/{v.name}/{v.version}" for v in answer.use.versions if v.before_run),
        () if unknown is None else (Unknown("MLflow", unknown),),
    )


def with_mlflow_use(
    change: "Change",
    repository: "GitRepository",
    artifacts: "Iterable[RegistryArtifact]",
    names: Sequence[str],
) -> "Change":
    """Add the versions that MLflow has in use to the models, below those of Git tags."""
    used = used_versions(repository, artifacts, [model.path for model in change.models], names)
    if not used.versions and not used.unknowns:
        return change
    models, unknowns = [], [*change.unknowns, *used.unknowns]
    for model in change.models:
        path = model.path if model.path in used.versions else model.renamed_from or ""
        dated = used.dated(path)
        unknowns += disagreement(model.path, (*_tagged(model, dated, repository), *dated))
        added = map(_in_use, used.versions.get(path, ()))
        models.append(replace(model, in_use=(*model.in_use, *added)))
    return replace(change, models=tuple(models), unknowns=tuple(unknowns))


def disagreement(path: str, versions: Iterable[RegistryVersion]) -> tuple[Unknown, ...]:
    """Return one line if Git tags and MLflow name different commits of a model for a stage."""
    line = disagreement_line(disagreements(versions))
    return (Unknown(path, line),) if line else ()


def _tagged(
    model: "ModelChange", versions: Sequence[RegistryVersion], repository: "GitRepository"
) -> Iterator[RegistryVersion]:
    """Yield the versions in use by Git tags that share a stage with one of MLflow.

    Git is asked for the commit of each.
    """
    for item in model.in_use:
        if any(of_stage(version, stage) for version in versions for stage in item.stages):
            commit = _full_id(repository, f"refs/tags/{item.tag}^{{commit}}")
            yield RegistryVersion(model.path, item.version, item.tag, commit or "", item.stages)


def _in_use(version: RegistryVersion) -> InUse:
    return InUse(version.version, version.stages, version.tag, version.registry)


def _full_id(repository: "GitRepository", commit: str) -> str | None:
    try:
        return repository.resolve(commit)
    except InputError:
        return None
