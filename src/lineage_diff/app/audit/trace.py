"""Trace models to their sources."""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.app.audit.context import Scene
from lineage_diff.app.evaluate import read_state
from lineage_diff.audit.metrics import metric_values, metrics_files_by_model
from lineage_diff.audit.models import versions_of
from lineage_diff.audit.trace import model_trace
from lineage_diff.errors import InputError
from lineage_diff.freshness.stages import freshness
from lineage_diff.lineage.evidence import commit_alone
from lineage_diff.report.answers import Trace
from lineage_diff.report.reasons import Freshness


class PastFreshness:
    """The freshness of stages at past commits, computed once per commit, up to a limit.

    If `thorough`, the history decides stages that the commit alone cannot.
    """

    def __init__(self, scene: Scene, thorough: bool) -> None:
        self._scene = scene
        self._thorough = thorough
        self._known: dict[str, Mapping[str, Freshness]] = {}

    def at(self, commit: str, stage: str) -> Freshness | None:
        """Return the freshness of a stage at a commit; `None` past the limit of commits."""
        if commit == self._scene.lineage.commit:
            judged = self._scene.freshness.get(stage)
            return judged.freshness if judged is not None else None
        if commit not in self._known:
            if len(self._known) == limits.THEN_COMMITS:
                return None
            self._known[commit] = self._freshness_at(commit)
        return self._known[commit].get(stage)

    def _freshness_at(self, commit: str) -> Mapping[str, Freshness]:
        scene = self._scene
        try:
            read = scene.reader.read_with_contents(commit)
            if self._thorough:
                state = read_state(scene.history, scene.reader, *read)
            else:
                state = commit_alone(*read)
        except InputError:
            return {}
        found = freshness(state, scene.state, scene.freshness)
        return {stage: judged.freshness for stage, judged in found.items()}


def traces_of(scene: Scene, paths: list[str]) -> tuple[Trace, ...]:
    """Trace models of the commit, by path.

    Raises `InputError` if they have more than `TRACED` runs and inputs together: in a chain of
    stages that each make a model, the number grows with the square of its length.
    """
    past = PastFreshness(scene, thorough=len(paths) == 1)
    files = metrics_files_by_model(scene.lineage, scene.models)
    traces: list[Trace] = []
    named = 0
    for path in sorted(paths):
        traces.append(_trace(scene, path, files.get(path, ()), past))
        named += len(traces[-1].runs) + len(traces[-1].inputs)
        if named > limits.TRACED and len(paths) > 1:
            raise _too_many(len(paths))
    return tuple(traces)


def _too_many(models: int) -> InputError:
    return InputError(
        f"the {models:,} models of this commit have more than {limits.TRACED:,} runs and inputs,"
        " the limit for one report",
        hint="Select some of them with `--model`.",
    )


def _trace(scene: Scene, path: str, files: tuple[str, ...], past: PastFreshness) -> Trace:
    model = scene.models.get(path)
    # What is no model has a stage that makes it, too.
    made = scene.made.get(path) if model is None else model.made
    stage = made.stage.id if made is not None else None
    trace = model_trace(
        scene.ledger,
        scene.lineage.commit,
        path,
        model,
        made,
        scene.freshness.get(stage) if stage is not None else None,
        metric_values(scene.lineage.metrics[file] for file in files),
    )
    then = None
    if trace.made is not None and trace.stage is not None:
        then = past.at(trace.made.id, trace.stage)
    return replace(
        trace,
        freshness_then=then,
        registered=versions_of(scene.registered, path, trace.version),
    )
