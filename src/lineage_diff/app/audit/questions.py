"""Answer each question of the command line with an AuditReport."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app import Step
from lineage_diff.app.audit.context import AuditContext, read_context
from lineage_diff.app.audit.history import metric_history, model_histories, model_history
from lineage_diff.app.audit.lookup import (
    metric_names,
    metric_of,
    model_path,
    no_model,
)
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.mlflow_runs import runs_of_answers
from lineage_diff.app.names import mlflow_commit, named_version, near, not_annotated
from lineage_diff.app.opened import mlflow_names
from lineage_diff.app.repository_name import describe_repository
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.errors import DamagedBlockError, InputError
from lineage_diff.lineage.policy import Checked
from lineage_diff.mlflow.references import is_model_reference
from lineage_diff.report.answers import History, Remake
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.change import Unknown
from lineage_diff.report.report import Revision, Tool

if TYPE_CHECKING:
    from lineage_diff.git.branches import SideBranches

P = ParamSpec("P")

LEFT_OUT = "history is incomplete: {} more branches touch DVC files (limit reached)"
SHALLOW = (
    "the clone is shallow: nothing before its oldest commit is known; `git fetch --unshallow` "
    "fetches the rest"
)


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
    """Repeat a question with `strict` if a lock in the history is damaged."""

    @wraps(question)
    def answer(request: AuditRequest, /, *args: P.args, **kwargs: P.kwargs) -> AuditReport:
        try:
            return question(request, *args, **kwargs)
        except DamagedBlockError:
            return question(replace(request, strict=True), *args, **kwargs)

    return answer


@_again_if_damaged
def trace(request: AuditRequest, model: str, step: Step = lambda _: None) -> AuditReport:
    """Trace a model to its sources. Raises `InputError` for an unknown model."""
    from lineage_diff.app.audit.trace import traces_of

    context, name = _context_of(request, model, step, with_freshness=True)
    path = model_path(name, context)
    if path is None:
        raise no_model(name, context)
    return _report(context, traces=traces_of(context, [path]))


@_again_if_damaged
def history(
    request: AuditRequest, subject: str, every_line: bool = False, step: Step = lambda _: None
) -> AuditReport:
    """List the versions of a model, or the values of a metric, with their causes.

    With `every_line`, include other branches, and merged branches before their merge.
    """
    context, name = _context_of(request, subject, step)
    lines = context.history.side_branches(context.lineage.commit) if every_line else None
    report = _report(context, histories=(_history(context, name, lines),))
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

    context = _read_context(request, step)
    if since is None:
        return _report(context, impacts=(impact_of(context, subject),))
    return _report(context, fixes=(fix_of(context, subject, since),))


def audit(
    request: AuditRequest, subjects: Subjects = EVERYTHING, step: Step = lambda _: None
) -> AuditReport:
    """Answer all questions for every model of a commit, or for some, with the verdict.

    A single model may be a version of a registry, which then determines the commit. With `data`,
    the report lists what was made from it; with `since`, whether that was made again.
    """
    from lineage_diff.app.audit.impact import fix_of, impact_of
    from lineage_diff.app.audit.mlflow_versions import with_mlflow_versions
    from lineage_diff.app.audit.trace import traces_of
    from lineage_diff.app.evaluate import evaluate_commit

    if subjects.since is not None and subjects.data is None:
        raise InputError(
            f"--since {subjects.since} needs --data",
            hint="Name the data that the commit fixed.",
        )
    # An audit reports on the whole history, including parts that no model needs.
    context, paths = read_models(replace(request, strict=True), subjects.models, step)
    step("rules")
    verdict = evaluate_commit(context.opened, context.state, context.freshness).verdict
    paths = paths or list(context.models)
    context, unknowns = with_mlflow_versions(context)
    traces = traces_of(context, paths)
    remakes: tuple[Remake, ...] = ()
    if "pushed" in subjects.check:
        from lineage_diff.app.audit.remake import remakes_of

        step("pushed")
        remakes = remakes_of(context, paths)
    report = _report(
        context,
        traces=traces,
        remakes=remakes,
        histories=tuple(model_histories(context, paths)),
        impacts=() if subjects.data is None else (impact_of(context, subjects.data),),
        fixes=(
            (fix_of(context, subjects.data, subjects.since),)
            if subjects.data is not None and subjects.since is not None
            else ()
        ),
        verdict=verdict,
    )
    unknowns = tuple(dict.fromkeys((*report.unknowns, *unknowns)))
    return replace(report, registry=context.registry, unknowns=unknowns)


def read_models(
    request: AuditRequest, names: Sequence[str], step: Step
) -> tuple[AuditContext, list[str]]:
    """Read the commit; also return the paths of the named models, sorted.

    Raises `InputError` for an unknown model.
    """
    if len(names) == 1:
        context, name = _context_of(request, names[0], step, with_freshness=True)
        names = (name,)
    else:
        context = _read_context(request, step, with_freshness=True)
    paths: set[str] = set()
    for name in names:
        path = model_path(name, context)
        if path is None:
            raise no_model(name, context)
        paths.add(path)
    return context, sorted(paths)


# Files that an error names.
_SOME = 3


def _history(context: AuditContext, name: str, lines: "SideBranches | None") -> History:
    path = model_path(name, context)
    if path is not None and path not in context.lineage.metrics:
        return model_history(context, path, lines)
    metric = metric_of(name, context)
    if metric is not None:
        return metric_history(context, *metric, lines)
    if path is not None:
        return model_history(context, path, lines)
    ignored = not_annotated(context.repository, name)
    if ignored is not None:
        raise ignored
    names = {*context.known, *metric_names(context), *(n for n in context.known.values() if n)}
    hint = near(name, names, "Name a model's path, or FILE:KEY of a metric.")
    cached = [path for path, file in sorted(context.lineage.metrics.items()) if file.cached]
    if cached:
        hint = (
            f"{hint} The metrics in {', '.join(cached[:_SOME])} have no history, because DVC's "
            "cache keeps them and not Git; `cache: false` on the file gives them one from then on."
        )
    raise InputError(f"no model or metric {name!r} at {context.rev} or before", hint=hint)


def _read_context(request: AuditRequest, step: Step, with_freshness: bool = False) -> AuditContext:
    return read_context(
        request.history, request.revision, request.config, step, with_freshness, request.strict
    )


def _context_of(
    request: AuditRequest, text: str, step: Step, with_freshness: bool = False
) -> tuple[AuditContext, str]:
    """Read the commit of a registry version if the text names one, else the requested commit."""
    repository = request.repository
    if is_model_reference(text):
        _only_one_commit(request, text)
        commit, name = mlflow_commit(text, mlflow_names(repository, request.config))
        context = read_context(request.history, commit, None, step, with_freshness, request.strict)
        if model_path(name, context) is None and len(context.models) == 1:
            name = next(iter(context.models))
        return context, name
    registry = read_model_registry(repository)
    version = named_version(repository, text, registry)
    if version is not None:
        _only_one_commit(request, text)
    rev = request.revision if version is None else version.tag
    context = read_context(
        request.history, rev, request.config, step, with_freshness, request.strict, registry
    )
    return context, text if version is None else version.artifact


def _only_one_commit(request: AuditRequest, text: str) -> None:
    if request.rev is not None:
        raise InputError(
            f"{text} is a version of the registry, which determines the commit",
            hint="Leave out --rev.",
        )


def _report(context: AuditContext, **answers: Any) -> AuditReport:
    unknowns = () if context.ledger.complete else (Unknown("history", SHALLOW),)
    names = context.policy.mlflow_commit
    linked = runs_of_answers(answers.get("traces", ()), answers.get("histories", ()), names)
    return AuditReport(
        tool=Tool("lineage-diff", __version__),
        repository=describe_repository(context.repository, context.policy),
        revision=Revision(context.rev, context.lineage.commit),
        complete=context.ledger.complete,
        no_model=not context.models,
        unreadable=context.ledger.unreadable,
        unknowns=(*unknowns, *linked.unknowns),
        runs=linked.runs,
        metric_disagreements=linked.disagreements,
        **answers,
    )
