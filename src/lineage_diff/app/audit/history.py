"""List the versions of a model with their metrics, and the values of a metric with causes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lineage_diff.app.audit.context import AuditContext
from lineage_diff.audit.history import history_steps
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.audit.metrics import metric_steps, metric_values, metrics_files_by_model
from lineage_diff.audit.models import versions_of
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.answers import History, HistoryStep

if TYPE_CHECKING:
    from lineage_diff.git.branches import SideBranches

Steps = tuple[HistoryStep, ...]
# The number of models whose metrics are read from Git at once.
_TOGETHER = 10_000


def model_history(context: AuditContext, path: str, lines: "SideBranches | None" = None) -> History:
    """Return the versions of a model, newest first, each with the metrics of its commit.

    With `lines`, include those of other branches.
    """
    steps = _steps(context, path)
    if lines is not None:
        steps = _with_lines(context, steps, lines)
    (history,) = _with_metrics(
        context, {path: steps}, metrics_files_by_model(context.lineage, context.models)
    )
    return history


def model_histories(context: AuditContext, paths: Sequence[str]) -> Iterator[History]:
    """Yield the versions of each model, with the metrics of their commits."""
    measured = metrics_files_by_model(context.lineage, context.models)
    for start in range(0, len(paths), _TOGETHER):
        steps = {path: _steps(context, path) for path in paths[start : start + _TOGETHER]}
        yield from _with_metrics(context, steps, measured)


def _steps(context: AuditContext, path: str) -> Steps:
    made = context.models[path].made if path in context.models else None
    return history_steps(context.ledger, made.out.path if made is not None else path)


def _with_metrics(
    context: AuditContext, found: Mapping[str, Steps], measured: Mapping[str, tuple[str, ...]]
) -> Iterator[History]:
    values = context.history.values_at(
        [
            (step.commit.id, file)
            for path, steps in found.items()
            for step in steps
            if step.commit is not None
            for file in measured.get(path, ())
        ]
    )
    for path, steps in found.items():
        yield _with_values(context, path, steps, measured.get(path, ()), values)


def _with_values(
    context: AuditContext,
    path: str,
    steps: Steps,
    files: tuple[str, ...],
    values: Mapping[tuple[str, str], ValuesFile],
) -> History:
    def filled(step: HistoryStep) -> HistoryStep:
        if step.commit is None or step.change == "removed":
            return step
        found = [values[step.commit.id, file] for file in files if (step.commit.id, file) in values]
        return replace(
            step,
            metrics=metric_values(found),
            registered=versions_of(context.registered, step.path, step.new),
        )

    return History(path, None, tuple(map(filled, steps)))


def _with_lines(context: AuditContext, steps: Steps, lines: "SideBranches") -> Steps:
    """Add the steps of other branches at the paths of the steps, newest first."""
    paths = sorted({step.path for step in steps})
    found = {(step.commit.id if step.commit else None, step.path): step for step in steps}
    for timeline in context.history.side_timelines(lines):
        past = ledger(timeline)
        for path in paths:
            for step in history_steps(past, path):
                if step.commit is not None:
                    key = step.commit.id, step.path
                    found.setdefault(key, replace(step, beside=True))
    return _newest_first(found.values(), lines)


def _newest_first(steps: Iterable[HistoryStep], lines: "SideBranches") -> Steps:
    last = len(lines.order)
    return tuple(
        sorted(
            steps,
            key=lambda step: lines.order.get(step.commit.id, last) if step.commit else last,
        )
    )


def metric_history(
    context: AuditContext, file: str, key: str, lines: "SideBranches | None" = None
) -> History:
    """Return the values of a metric, newest first, each with the changes of its commit.

    With `lines`, include those of other branches.
    """
    measured = metrics_files_by_model(context.lineage, context.models)
    outs = [out for out in (file, *ancestors(file)) if out in context.ledger.entries]
    outs += sorted(path for path, files in measured.items() if file in files)
    along = context.history.values_over_time(context.lineage.commit, file)
    steps = metric_steps(
        file, key, along, _steps_with_causes(context.ledger, outs), context.ledger.complete
    )
    if lines is None:
        return History(file, key, steps)
    found = {step.commit.id if step.commit else None: step for step in steps}
    timelines = context.history.side_timelines(lines)
    for line, timeline in zip(lines.lines, timelines, strict=True):
        along = context.history.values_over_time(line.tip, file, line.fork)
        past = ledger(timeline)
        whole = past.complete or line.fork is not None
        for step in metric_steps(file, key, along, _steps_with_causes(past, outs), whole):
            if step.commit is not None and step.commit.id != line.fork:
                found.setdefault(step.commit.id, replace(step, beside=True))
    return History(file, key, _newest_first(found.values(), lines))


def _steps_with_causes(past: Ledger, outs: Iterable[str]) -> Mapping[str, HistoryStep]:
    """Return the steps with causes, by commit; of several outs the first one's."""
    caused: dict[str, HistoryStep] = {}
    for out in outs:
        for step in history_steps(past, out):
            if step.commit is not None and step.causes:
                caused.setdefault(step.commit.id, step)
    return caused
