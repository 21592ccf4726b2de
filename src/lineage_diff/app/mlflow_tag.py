"""Write the lineage of a commit's model as tags to the MLflow runs that name the commit."""

import os
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.lineage.mlflow import MlflowRun
from lineage_diff.lineage.models import Model
from lineage_diff.mlflow.client import MlflowClient, RequestLimits
from lineage_diff.mlflow.tags import TagChange
from lineage_diff.text import closest_matches, join_some

# `MAX_PARAMS_TAGS_PER_BATCH` of `mlflow.utils.validation`.
_BATCH = 100
_NAMED = 8


class TaggingRequest(Struct, frozen=True):
    """The model of a commit, and its runs (empty: all); `dry_run` writes nothing.

    Without `rev`, the checked-out commit; without `model`, the only model. `config` is the path of
    the configuration inside the commit, `None` for the default path.
    """

    repo: str | os.PathLike[str] = "."
    rev: str | None = None
    model: str | None = None
    runs: tuple[str, ...] = ()
    config: str | None = None
    dry_run: bool = False


class Tagging(Struct, frozen=True):
    """The tags written, or to be written, to each run; the number of omitted data versions."""

    commit: str
    model: str
    changes: tuple[TagChange, ...]
    left_out: int
    dry_run: bool


def tag_runs(
    request: TaggingRequest,
    environ: Mapping[str, str] | None = None,
    bounds: RequestLimits | None = None,
) -> Tagging:
    """Find the runs of the commit, and update their `lineage_diff.*` tags.

    Raises `InputError` without a server, model or run, and if the server fails. Tags written before
    a failure stay; running it again is harmless.
    """
    from lineage_diff import limits
    from lineage_diff.app.opened import open_commit
    from lineage_diff.history.reader import open_history
    from lineage_diff.lineage.graph import build_graph
    from lineage_diff.lineage.models import find_models
    from lineage_diff.lineage.outputs import outputs_by_path
    from lineage_diff.mlflow.tags import lineage_tags, tag_changes

    environ = os.environ if environ is None else environ
    # First of all: without a server no model needs to be named.
    if not environ.get("MLFLOW_TRACKING_URI", "").strip():
        raise _no_server()
    opened = open_commit(open_history(request.repo), request.rev, request.config)
    lineage, held = opened.reader.read_with_contents(opened.commit)
    outs = outputs_by_path(lineage.stages, held.contents)
    model = _model(find_models(outs, lineage.artifacts, opened.policy), request.model, opened.rev)
    tags, left_out = lineage_tags(
        opened.commit, model, outs, build_graph(lineage.stages), limits.MLFLOW_DATA_TAGS
    )
    runs = _runs(opened.commit, request.runs, opened.policy.mlflow_commit, environ, bounds)
    changes = tag_changes(runs, tags)
    if not request.dry_run:
        _write(changes, environ, bounds)
    return Tagging(opened.commit, model.path, changes, left_out, request.dry_run)


def _no_server() -> InputError:
    return InputError(
        "MLFLOW_TRACKING_URI is not set", hint="Set it to the address of the MLflow server."
    )


def _model(models: Mapping[str, Model], wanted: str | None, rev: str) -> Model:
    if not models:
        raise InputError(
            f"no model at {rev}",
            hint="Add your model under `models` in the configuration.",
        )
    if wanted is None:
        if len(models) > 1:
            raise InputError(
                f"there are {len(models)} models at {rev}, but a run belongs to one",
                hint=f"Name it with --model: {_some(models)}.",
            )
        return next(iter(models.values()))
    named = {model.name: model for model in models.values() if model.name is not None}
    found = models.get(wanted) or named.get(wanted)
    if found is None:
        near = closest_matches(wanted, [*models, *named])
        raise InputError(
            f"no model {wanted!r} at {rev}",
            hint=f"Did you mean {near[0]}?" if near else f"There is: {_some(models)}.",
        )
    return found


def _some(names: Iterable[str]) -> str:
    return join_some(list(names), _NAMED)


def _runs(
    commit: str,
    wanted: Sequence[str],
    names: Sequence[str],
    environ: Mapping[str, str],
    bounds: RequestLimits | None,
) -> tuple[MlflowRun, ...]:
    from lineage_diff.mlflow.lookup import ask_mlflow

    answer = ask_mlflow([commit], names=names, environ=environ, bounds=bounds)
    if answer is None:
        raise _no_server()
    if answer.unavailable is not None:
        raise _tagging_error(answer.unavailable)
    runs = answer.runs.get(commit, ())
    if not runs:
        raise InputError(
            f"no MLflow run names the commit {commit}",
            hint=f"Log it as one of these tags or params, in full: {', '.join(names)}.",
        )
    unknown = sorted(set(wanted) - {run.run_id for run in runs})
    if unknown:
        raise InputError(
            f"the run {unknown[0]!r} does not name the commit {commit}",
            hint=f"Those that do: {_some(dict.fromkeys(run.run_id for run in runs))}.",
        )
    return tuple(run for run in runs if not wanted or run.run_id in wanted)


def _write(
    changes: Sequence[TagChange], environ: Mapping[str, str], bounds: RequestLimits | None
) -> None:
    from lineage_diff.mlflow.errors import MlflowUnavailableError, MlflowUnknownError
    from lineage_diff.mlflow.messages import EmptyAnswer
    from lineage_diff.mlflow.settings import mlflow_settings

    try:
        settings = mlflow_settings(environ)
        if settings is None:
            return
        client = MlflowClient(settings, bounds)
        for change in changes:
            run = {"run_id": change.run.run_id}
            tags = [{"key": key, "value": value} for key, value in change.write.items()]
            for start in range(0, len(tags), _BATCH):
                batch = {**run, "tags": tags[start : start + _BATCH]}
                client.post("runs/log-batch", batch, EmptyAnswer)
            for key in change.remove:
                try:
                    client.post("runs/delete-tag", {**run, "key": key}, EmptyAnswer)
                except MlflowUnknownError:
                    # Already removed, by another user or an earlier attempt.
                    continue
    except MlflowUnavailableError as error:
        raise _tagging_error(str(error)) from None


def _tagging_error(reason: str) -> InputError:
    return InputError(
        reason,
        hint="Check MLFLOW_TRACKING_URI and the login variables, then run it again: "
        "repeating it is harmless.",
    )
