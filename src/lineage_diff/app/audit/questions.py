"""Answer each question of the command line with an AuditReport."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.audit.context import Scene, read_scene
from lineage_diff.app.audit.history import metric_history, model_histories, model_history
from lineage_diff.app.audit.lookup import (
    metric_names,
    metric_of,
    model_path,
    no_model,
)
from lineage_diff.app.audit.request import AuditRequest, Step
from lineage_diff.app.evaluate import mlflow_names
from lineage_diff.app.mlflow_runs import runs_of_answers
from lineage_diff.app.names import near, registry_version
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.errors import DamagedBlockError, InputError
from lineage_diff.lineage.policy import Checked
from lineage_diff.mlflow.references import is_model_reference
from lineage_diff.report.answers import History, Remake
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.change import Unknown
from lineage_diff.report.report import Repository, Revision, Tool

if TYPE_CHECKING:
    from lineage_diff.git.branches import SideLines

P = ParamSpec("P")

LEFT_OUT = "history is incomplete: {} more branches touch DVC files (limit reached)"
SHALLOW = "the clone is shallow: nothing before its oldest commit is known"


class Subjects(Struct, frozen=True):
    """The subjects of an audit: these models, or all; optionally some doubtful data.

    `since` is the commit that fixed the data. `check` is what to ask the remote for.
    """

    models: tuple[str, ...] = ()
    data: str | None = None
    since: str | None = None
    check: tuple[Checked, ...] = ()


EVERYTHING = Subjects()


def _again_if_damaged(
    question: Callable[Concatenate[AuditRequest, P], AuditReport],
) -> Callable[Concatenate[AuditRequest, P], AuditReport]:
    """Repeat a question with `careful` if a lock in the history is damaged."""

    @wraps(question)
    def answer(request: AuditRequest, /, *args: P.args, **kwargs: P.kwargs) -> AuditReport:
        try:
            return question(request, *args, **kwargs)
        except DamagedBlockError:
            return question(replace(request, careful=True), *args, **kwargs)

    return answer


@_again_if_damaged
def trace(request: AuditRequest, model: str, step: Step = lambda _: None) -> AuditReport:
    """Trace a model to its sources. Raises `InputError` for an unknown model."""
    from lineage_diff.app.audit.trace import traces_of

    scene, name = _scene_of(request, model, step, judged=True)
    path = model_path(name, scene)
    if path is None:
        raise no_model(name, scene)
    return _report(scene, traces=traces_of(scene, [path]))


@_again_if_damaged
def history(
    request: AuditRequest, subject: str, every_line: bool = False, step: Step = lambda _: None
) -> AuditReport:
    """List the versions of a model, or the values of a metric, with their causes.

    With `every_line`, include other branches, and merged branches before their merge.
    """
    scene, name = _scene_of(request, subject, step)
    lines = scene.history.side_lines(scene.lineage.commit) if every_line else None
    report = _report(scene, histories=(_history(scene, name, lines),))
    if lines is None or not lines.left_out:
        return report
    left_out = Unknown("history", LEFT_OUT.format(lines.left_out))
    return replace(report, unknowns=(*report.unknowns, left_out))


@_again_if_damaged
def impact(
    request: AuditRequest, subject: str, since: str | None = None, step: Step = lambda _: None
) -> AuditReport:
    """List the models made from data; with `since`, whether they were made again after it."""
    from lineage_diff.app.audit.impact import fix_of, impact_of

    scene = _scene(request, step)
    if since is None:
        return _report(scene, impacts=(impact_of(scene, subject),))
    return _report(scene, fixes=(fix_of(scene, subject, since),))


def audit(
    request: AuditRequest, subjects: Subjects = EVERYTHING, step: Step = lambda _: None
) -> AuditReport:
    """Answer all questions for every model of a commit, or for some, with the verdict.

    A single model may be a version of a registry, which then determines the commit. With `data`,
    the report lists what was made from it; with `since`, whether that was made again.
    """
    from lineage_diff.app.audit.impact import fix_of, impact_of
    from lineage_diff.app.audit.trace import traces_of
    from lineage_diff.app.evaluate import evaluate_commit

    if subjects.since is not None and subjects.data is None:
        raise InputError(
            f"--since {subjects.since} needs --data",
            hint="Name the data that the commit fixed.",
        )
    # An audit reports on the whole history, including parts that no model needs.
    request = replace(request, careful=True)
    names: Sequence[str] = subjects.models
    if len(names) == 1:
        scene, name = _scene_of(request, names[0], step, judged=True)
        names = (name,)
    else:
        scene = _scene(request, step, judged=True)
    paths: list[str] = []
    for name in names:
        path = model_path(name, scene)
        if path is None:
            raise no_model(name, scene)
        paths.append(path)
    step("judge")
    verdict = evaluate_commit(scene.opened, scene.state, scene.freshness).verdict
    paths = sorted(set(paths)) or list(scene.models)
    traces = traces_of(scene, paths)
    remakes: tuple[Remake, ...] = ()
    if "pushed" in subjects.check:
        from lineage_diff.app.audit.remake import remakes_of

        step("pushed")
        remakes = remakes_of(scene, paths)
    report = _report(
        scene,
        traces=traces,
        remakes=remakes,
        histories=tuple(model_histories(scene, paths)),
        impacts=() if subjects.data is None else (impact_of(scene, subjects.data),),
        fixes=(
            (fix_of(scene, subjects.data, subjects.since),)
            if subjects.data is not None and subjects.since is not None
            else ()
        ),
        verdict=verdict,
    )
    return replace(report, registry=scene.registry)


def _history(scene: Scene, name: str, lines: "SideLines | None") -> History:
    path = model_path(name, scene)
    if path is not None and path not in scene.lineage.metrics:
        return model_history(scene, path, lines)
    metric = metric_of(name, scene)
    if metric is not None:
        return metric_history(scene, *metric, lines)
    if path is not None:
        return model_history(scene, path, lines)
    names = {*scene.known, *metric_names(scene), *(n for n in scene.known.values() if n)}
    raise InputError(
        f"no model or metric {name!r} at {scene.rev} or before",
        hint=near(name, names, "Name a model's path, or FILE:KEY of a metric."),
    )


def _scene(request: AuditRequest, step: Step, judged: bool = False) -> Scene:
    return read_scene(
        request.history, request.revision, request.config, step, judged, request.careful
    )


def _scene_of(
    request: AuditRequest, text: str, step: Step, judged: bool = False
) -> tuple[Scene, str]:
    """Read the commit of a registry version if the text names one, else the requested commit."""
    repository = request.repository
    if is_model_reference(text):
        from lineage_diff.app.mlflow_models import mlflow_commit

        _only_one_commit(request, text)
        commit, name = mlflow_commit(text, mlflow_names(repository, request.config))
        scene = read_scene(request.history, commit, None, step, judged, request.careful)
        if model_path(name, scene) is None and len(scene.models) == 1:
            name = next(iter(scene.models))
        return scene, name
    registry = read_model_registry(repository)
    version = registry_version(text, registry)
    if version is not None:
        _only_one_commit(request, text)
    rev = request.revision if version is None else version.tag
    scene = read_scene(
        request.history, rev, request.config, step, judged, request.careful, registry
    )
    return scene, text if version is None else version.artifact


def _only_one_commit(request: AuditRequest, text: str) -> None:
    if request.rev is not None:
        raise InputError(
            f"{text} is a version of the registry, which determines the commit",
            hint="Leave out --rev.",
        )


def _report(scene: Scene, **answers: Any) -> AuditReport:
    unknowns = () if scene.ledger.complete else (Unknown("history", SHALLOW),)
    names = scene.policy.mlflow_commit
    linked = runs_of_answers(answers.get("traces", ()), answers.get("histories", ()), names)
    return AuditReport(
        tool=Tool("lineage-diff", __version__),
        repository=Repository(scene.repository.remote_name()),
        revision=Revision(scene.rev, scene.lineage.commit),
        complete=scene.ledger.complete,
        unreadable=scene.ledger.unreadable,
        unknowns=(*unknowns, *linked.unknowns),
        runs=linked.runs,
        metric_disagreements=linked.disagreements,
        **answers,
    )
