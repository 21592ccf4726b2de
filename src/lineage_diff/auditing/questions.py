"""Each question of the command line, from its words to an AuditReport."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lineage_diff import __version__
from lineage_diff.audit.answers import History
from lineage_diff.auditing.history_of import metric_history, model_history
from lineage_diff.auditing.impact_of import fix_of, impact_of
from lineage_diff.auditing.scene import AuditRequest, Scene, Step, read_scene
from lineage_diff.auditing.subjects import (
    metric_names,
    metric_of,
    model_path,
    near,
    no_model,
    registry_version,
)
from lineage_diff.auditing.trace_model import traces_of
from lineage_diff.compare.change import Unknown
from lineage_diff.read.errors import InputError
from lineage_diff.read.git import open_repository
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.report import Repository, Revision, Tool

SHALLOW = "the clone is shallow: what is before its oldest commit is not known"


def trace(request: AuditRequest, model: str, step: Step = lambda _: None) -> AuditReport:
    """Where did this model come from? Raises `InputError` where there is no such model."""
    scene, name = _scene_of(request, model, step, judged=True)
    path = model_path(name, scene)
    if path is None:
        raise no_model(name, scene)
    return _report(scene, traces=traces_of(scene, [path]))


def history(request: AuditRequest, subject: str, step: Step = lambda _: None) -> AuditReport:
    """Which versions did a model have, or values a metric, and what caused each?"""
    scene, name = _scene_of(request, subject, step)
    return _report(scene, histories=(_history(scene, name),))


def impact(
    request: AuditRequest, subject: str, since: str | None = None, step: Step = lambda _: None
) -> AuditReport:
    """Which models were made from this; with `since`, were they made again after that commit?"""
    scene = _scene(request, step)
    if since is None:
        return _report(scene, impacts=(impact_of(scene, subject),))
    return _report(scene, fixes=(fix_of(scene, subject, since),))


def audit(
    request: AuditRequest, models: Sequence[str] = (), step: Step = lambda _: None
) -> AuditReport:
    """All of it for every model of a commit, or for some; with the verdict on its freshness."""
    from lineage_diff.status import StatusRequest, status_of

    scene = _scene(request, step, judged=True)
    paths: list[str] = []
    for name in models:
        path = model_path(name, scene)
        if path is None:
            raise no_model(name, scene)
        paths.append(path)
    step("judge")
    judged = status_of(StatusRequest(request.repo, request.rev, request.config))
    paths = sorted(set(paths)) or list(scene.models)
    traces = traces_of(scene, paths)
    report = _report(
        scene,
        traces=traces,
        histories=tuple(model_history(scene, path) for path in paths),
        verdict=judged.report.verdict,
    )
    return replace(report, registry=scene.registry)


def _history(scene: Scene, name: str) -> History:
    path = model_path(name, scene)
    if path is not None and path not in scene.lineage.metrics:
        return model_history(scene, path)
    metric = metric_of(name, scene)
    if metric is not None:
        return metric_history(scene, *metric)
    if path is not None:
        return model_history(scene, path)
    names = {*scene.known, *metric_names(scene), *(n for n in scene.known.values() if n)}
    raise InputError(
        f"no model or metric {name!r} at {scene.rev}, nor before",
        mend=near(name, names, "Name a model's path, or FILE:KEY of a metric."),
    )


def _scene(request: AuditRequest, step: Step, judged: bool = False) -> Scene:
    step("open")
    repository = open_repository(request.repo)
    return read_scene(repository, request.rev or "HEAD", request.config, step, judged)


def _scene_of(
    request: AuditRequest, text: str, step: Step, judged: bool = False
) -> tuple[Scene, str]:
    """Read the commit of a registry's version where the text names one, else the one asked for."""
    step("open")
    repository = open_repository(request.repo)
    version = registry_version(text, repository.registry())
    if version is None:
        return read_scene(repository, request.rev or "HEAD", request.config, step, judged), text
    if request.rev is not None:
        raise InputError(
            f"{text} is a version of the registry, and names its commit itself",
            mend="Leave out --rev.",
        )
    return read_scene(repository, version.tag, request.config, step, judged), version.artifact


def _report(scene: Scene, **answers: Any) -> AuditReport:
    unknowns = () if scene.ledger.complete else (Unknown("history", SHALLOW),)
    return AuditReport(
        tool=Tool("lineage-diff", __version__),
        repository=Repository(scene.repository.remote_name()),
        revision=Revision(scene.rev, scene.lineage.commit),
        complete=scene.ledger.complete,
        unreadable=scene.ledger.unreadable,
        unknowns=unknowns,
        **answers,
    )
