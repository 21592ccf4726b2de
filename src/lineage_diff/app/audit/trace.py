"""Trace models to their sources."""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.evaluate import read_state
from lineage_diff.audit.metrics import metric_values, metrics_files_by_model
from lineage_diff.audit.models import versions_of
from lineage_diff.audit.trace import RecordedFiles, model_trace
from lineage_diff.errors import InputError
from lineage_diff.freshness.stages import freshness
from lineage_diff.history.splices import find_splices
from lineage_diff.lineage.evidence import CommitState, GitContents, commit_alone
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import lock_parts
from lineage_diff.report.answers import Trace
from lineage_diff.report.reasons import Freshness


class PastFreshness:
    """The freshness of stages at past commits, computed once per commit, up to a limit.

    If `thorough`, the history decides stages that the commit alone cannot.
    """

    def __init__(self, context: AuditContext, thorough: bool) -> None:
        self._context = context
        self._thorough = thorough
        self._known: dict[str, Mapping[str, Freshness]] = {}

    def at(self, commit: str, stage: str) -> Freshness | None:
        """Return the freshness of a stage at a commit; `None` past the limit of commits."""
        if commit == self._context.lineage.commit:
            known = self._context.freshness.get(stage)
            return known.freshness if known is not None else None
        if commit not in self._known:
            if len(self._known) == limits.THEN_COMMITS:
                return None
            self._known[commit] = self._freshness_at(commit)
        return self._known[commit].get(stage)

    def _freshness_at(self, commit: str) -> Mapping[str, Freshness]:
        context = self._context
        try:
            lineage, held = context.reader.read_with_contents(commit)
            if self._thorough:
                splices = find_splices(context.history, lineage)
                state = read_state(context.history, context.reader, lineage, held, splices=splices)
            else:
                state = self._alone(lineage, held)
        except InputError:
            return {}
        found = freshness(state, context.state, context.freshness)
        return {stage: one.freshness for stage, one in found.items()}

    def _alone(self, lineage: Lineage, held: GitContents) -> CommitState:
        """Return a commit with its own evidence, and the spliced entries that are there still."""
        state = commit_alone(lineage, held)
        found = self._context.state.evidence.splices
        if not found:
            return state
        now = {stage.id: stage.lock for stage in self._context.lineage.stages if stage.id in found}
        same = {
            stage.id: found[stage.id]
            for stage in lineage.stages
            if stage.lock is not None
            and (lock := now.get(stage.id)) is not None
            and lock_parts(stage.lock) == lock_parts(lock)
        }
        return replace(state, evidence=replace(state.evidence, splices=same))


def traces_of(context: AuditContext, paths: list[str]) -> tuple[Trace, ...]:
    """Trace models of the commit, by path.

    Raises `InputError` if they name more than `TRACED` things together and `TRACED_TIMES` as many
    as the commit records: in a chain of stages that each make a model, and for a stage with many
    models, the number grows with the square of its length.
    """
    most = limits.TRACED + limits.TRACED_TIMES * _recorded_things(context)
    past = PastFreshness(context, thorough=len(paths) == 1)
    files = metrics_files_by_model(context.lineage, context.models)
    recorded = RecordedFiles()
    traces: list[Trace] = []
    named = 0
    for path in sorted(paths):
        traces.append(_trace(context, path, files.get(path, ()), past, recorded))
        named += _named_things(traces[-1])
        if named > most and len(paths) > 1:
            raise _too_many(len(paths), most)
    return tuple(traces)


def _recorded_things(context: AuditContext) -> int:
    """Count the stages of the commit, their deps and their outs."""
    stages = context.lineage.stages
    return len(stages) + sum(len(stage.deps) + len(stage.outs) for stage in stages)


def _named_things(trace: Trace) -> int:
    """Count the runs, their deps and outs, the inputs and the params that a trace names."""
    runs = sum(1 + len(run.deps) + len(run.outs) for run in trace.runs)
    return runs + len(trace.inputs) + len(trace.params)


def _too_many(models: int, most: int) -> InputError:
    return InputError(
        f"the traces of the {models:,} models of this commit name more than {most:,} runs, deps, "
        "outs, inputs and params, the limit for one report",
        hint="Select some of them with `--model`.",
    )


def _trace(
    context: AuditContext,
    path: str,
    files: tuple[str, ...],
    past: PastFreshness,
    recorded: RecordedFiles,
) -> Trace:
    model = context.models.get(path)
    # What is no model has a stage that makes it, too.
    made = context.made.get(path) if model is None else model.made
    stage = made.stage.id if made is not None else None
    trace = model_trace(
        context.ledger,
        context.lineage.commit,
        path,
        model,
        made,
        context.freshness.get(stage) if stage is not None else None,
        metric_values(context.lineage.metrics[file] for file in files),
        recorded,
    )
    then = None
    if trace.made is not None and trace.stage is not None:
        then = past.at(trace.made.id, trace.stage)
    return replace(
        trace,
        freshness_then=then,
        registered=versions_of(context.registered, path, trace.version),
    )
