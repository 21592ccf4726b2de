"""Find the versions in use, in Git tags and in MLflow, and compare their metrics."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from lineage_diff.app.gate.subject import Candidate
from lineage_diff.app.mlflow_runs import ask_for_use
from lineage_diff.app.opened import Opened
from lineage_diff.audit.metrics import metrics_files_by_model
from lineage_diff.audit.models import artifact_path
from lineage_diff.diff.metrics import losses_in_doubt, with_noise
from lineage_diff.dvc.model_registry import versions_of
from lineage_diff.errors import InputError
from lineage_diff.history.metric_noise import metric_noise
from lineage_diff.lineage.lineage import Lineage, RegistryArtifact
from lineage_diff.lineage.mlflow import MlflowRun, MlflowUsed
from lineage_diff.lineage.models import Model, find_models
from lineage_diff.lineage.outputs import TrackedOutput, outputs_by_path
from lineage_diff.lineage.registry import (
    RegistryVersion,
    disagreement_line,
    disagreements,
    mlflow_versions,
    of_stage,
    registered_name,
)
from lineage_diff.lineage.version import is_recorded, same_version
from lineage_diff.mlflow.metric_check import metric_disagreements, metric_name, metric_numbers
from lineage_diff.promotion.facts import InUseFacts, PromotionSubject
from lineage_diff.promotion.metrics import metrics_change
from lineage_diff.promotion.tags import tags_before

_SHOWN = 7


class UsedVersion(Struct, frozen=True):
    """A version in use; in MLflow also its run. `unreadable` is the reason if it has no commit."""

    version: RegistryVersion
    run: MlflowUsed | None = None
    unreadable: str | None = None


class FoundInUse(Struct, frozen=True):
    """The versions in use, and the reason if MLflow may have more.

    `disputed` says which stages Git tags and MLflow give to versions of different commits; empty
    for none.
    """

    versions: tuple[UsedVersion, ...]
    mlflow_unknown: str | None
    disputed: str


def find_used(
    opened: Opened,
    candidate: Candidate,
    subject: PromotionSubject,
    lineage: Lineage,
    models: Mapping[str, Model],
) -> FoundInUse:
    """Return the versions in use of other commits.

    Those in the stage to promote to; without a stage, those in any. If Git tags have none in any
    stage, all that MLflow has in use, if its names differ from the stage's.
    """
    tagged = _in_git(candidate, registry_names(candidate.name, subject.path, lineage))
    mlflow, unavailable = _in_mlflow(opened, subject, lineage, {*models, subject.path})
    dated = (item.version for item in mlflow if item.run is None or not item.run.before_run)
    disputed = disagreement_line(
        item for item in disagreements((*tagged, *dated)) if subject.stage in (None, item.stage)
    )
    if subject.stage is not None:
        of_git = any(version.stages for version in tagged)
        tagged = [version for version in tagged if subject.stage in version.stages]
        same = [item for item in mlflow if of_stage(item.version, subject.stage)]
        mlflow = same if same or of_git else mlflow
    used = [UsedVersion(item) for item in tagged if item.stages and item.commit != subject.commit]
    used += (item for item in mlflow if not _is_subject(item, subject))
    return FoundInUse(tuple(used), unavailable, disputed)


def registry_names(name: str, path: str, lineage: Lineage) -> frozenset[str]:
    """Return the names of a model in the registry: that in the request, and those of its path."""
    named = (registered_name(item) for item in lineage.artifacts if item.path == path)
    return frozenset((name, *named))


def _in_git(candidate: Candidate, names: Collection[str]) -> list[RegistryVersion]:
    """Return the registered versions; for the tag of a stage, as they were before it."""
    tags = [tag for tag in candidate.tags if tag.artifact in names]
    is_stage = candidate.tag is not None and candidate.tag.stage is not None
    versions = versions_of(tags_before(tags, candidate.tag if is_stage else None))
    return [version for version in versions if version.active]


def _is_subject(item: UsedVersion, subject: PromotionSubject) -> bool:
    # A run that began at the commit made another version than the one in it.
    return (
        item.version.commit == subject.commit and item.run is not None and not item.run.before_run
    )


def _in_mlflow(
    opened: Opened, subject: PromotionSubject, lineage: Lineage, models: Collection[str]
) -> tuple[list[UsedVersion], str | None]:
    artifacts = lineage.artifacts
    answer = ask_for_use(opened.repository, artifacts, opened.policy.mlflow_commit)
    if answer is None:
        return [], None
    runs = {(item.name, item.version): item for item in answer.use.versions}
    held = mlflow_versions(answer.use.versions, artifacts, models, answer.commits)
    found = [
        UsedVersion(
            version,
            runs[version.artifact, version.version],
            None if version.commit else "its run in MLflow names no commit",
        )
        for version in held.get(subject.path, ())
    ]
    found += _not_here(answer.use.versions, answer.commits, artifacts, subject.path)
    return found, answer.use.unavailable


def _not_here(
    used: Sequence[MlflowUsed],
    commits: Mapping[str, str],
    artifacts: Sequence[RegistryArtifact],
    path: str,
) -> Iterator[UsedVersion]:
    """Yield the versions with the name of the model whose commit is not in the repository."""
    names = {artifact.name for artifact in artifacts if artifact.path == path}
    for item in used:
        if item.commit and item.commit not in commits and item.name in names:
            tag = f"models:/{item.name}/{item.version}"
            version = RegistryVersion(
                item.name, item.version, tag, "", item.stages, registry="mlflow"
            )
            reason = f"the commit {item.commit[:_SHOWN]} of its run is not in this repository"
            yield UsedVersion(version, item, reason)


def read_used(opened: Opened, used: Sequence[UsedVersion]) -> dict[str, Lineage | InputError]:
    """Read the commits of the versions in use, once each."""
    commits = dict.fromkeys(item.version.commit for item in used if item.unreadable is None)
    return {commit: _read(opened, commit) for commit in commits}


def _read(opened: Opened, commit: str) -> Lineage | InputError:
    try:
        return opened.reader.read(commit)
    except InputError as error:
        return error


def metrics_files(
    lineage: Lineage, models: Mapping[str, Model], path: str, made: TrackedOutput | None
) -> tuple[str, ...]:
    """Return the metrics files that measure the model."""
    # An artifact of another type is measured as a model is.
    measured = {**models, path: models.get(path) or Model(path, None, made, "artifact")}
    return metrics_files_by_model(lineage, measured).get(path, ())


def compare_used(
    opened: Opened,
    used: UsedVersion,
    read: Lineage | InputError | None,
    lineage: Lineage,
    files: tuple[str, ...],
    subject: PromotionSubject,
) -> InUseFacts:
    """Compare the metrics of the model with those of a version in use, whose commit is `read`."""
    version, policy = used.version, opened.policy
    if read is None:
        return InUseFacts(version, unreadable=used.unreadable)
    if isinstance(read, InputError):
        return InUseFacts(version, unreadable=read.message)
    outs = outputs_by_path(read.stages, {})
    models = find_models(outs, read.artifacts, policy)
    name = version.artifact if used.run is None else subject.artifact
    path = artifact_path(name, read)
    if path is None and used.run is not None and subject.path in models:
        path = subject.path
    if path is None:
        return InUseFacts(version, unreadable=f"its commit has no model {name!r}")
    own = metrics_files(read, models, path, outs.get(path))
    doubt = None if used.run is None else _doubt(used.run, read, own)
    if doubt is not None:
        return InUseFacts(version, unreadable=doubt)
    files = tuple(sorted({*files, *own}))
    change = metrics_change(read, lineage, files, policy, _same(read, lineage))
    doubts = losses_in_doubt(change, policy)
    if doubts:
        change = with_noise(change, metric_noise(opened.history, version.commit, doubts))
    return InUseFacts(version, change, files)


def _doubt(run: MlflowUsed, read: Lineage, files: Sequence[str]) -> str | None:
    """Return why the metrics of the commit may not be those of the run; `None` if they are."""
    numbers = list(metric_numbers({file: read.metrics[file] for file in files}))
    logged = MlflowRun("", "", metrics=run.metrics)
    for item in metric_disagreements([logged], numbers):
        return f"`{item.key}` is {item.git} at its commit, but {item.mlflow} in its run"
    shared = {metric_name(key) for _, key, _ in numbers} & set(map(metric_name, run.metrics))
    if run.before_run and not shared:
        return (
            "its run names only the commit that was checked out when it began, and has no metric "
            "of that commit"
        )
    return None


def _same(old: Lineage, new: Lineage) -> Callable[[str], bool]:
    before, after = outputs_by_path(old.stages, {}), outputs_by_path(new.stages, {})

    def same(path: str) -> bool:
        one, two = before.get(path), after.get(path)
        if one is None or two is None or not is_recorded(one.version):
            return False
        return same_version(one.version, two.version)

    return same
