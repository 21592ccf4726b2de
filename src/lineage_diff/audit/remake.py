"""List the needs of a model's version to be made again: code in Git, sources that DVC keeps."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.outputs import KeptOut, Stored
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.answers import Remake, RemakeObstacle
from lineage_diff.report.pushed import PushedOut
from lineage_diff.report.reasons import Freshness


class Needed(Struct, frozen=True):
    """The needs of one version: `own` is the model's out, `None` if DVC does not keep it.

    `sources` are the outs that no run makes again; `obstacles` are those that need no remote.
    """

    own: KeptOut | None
    sources: tuple[KeptOut, ...]
    obstacles: tuple[RemakeObstacle, ...]

    @property
    def kept(self) -> tuple[KeptOut, ...]:
        """All outs to look for."""
        return self.sources if self.own is None else (*self.sources, self.own)


def needed_for(
    state: CommitState,
    path: str,
    freshness: Mapping[str, Freshness],
    kept: Iterable[KeptOut],
) -> Needed:
    """Return the needs of the model at a path of a commit.

    `freshness` is that of the stages of the commit, `kept` are its outs that DVC keeps.
    """
    by_stage: dict[str, list[KeptOut]] = {}
    for item in kept:
        by_stage.setdefault(item.stage.id, []).append(item)
    producer = build_graph(state.lineage.stages).producers.get(path)
    own = next((item for item in by_stage.get(producer or "", ()) if item.out.path == path), None)
    sources: list[KeptOut] = []
    obstacles: list[RemakeObstacle] = []
    for stage in _upstream(state, producer):
        if _is_run(stage):
            obstacles += _of_run(state, stage, freshness.get(stage.id, "unknown"))
        elif stage.imported is not None and stage.imported.kind == "repo":
            obstacles.append(RemakeObstacle("imported", stage.id, stage.imported.source))
        else:
            sources += by_stage.get(stage.id, ())
    return Needed(own, tuple(sources), tuple(dict.fromkeys(obstacles)))


def _is_run(stage: Stage) -> bool:
    """Whether `dvc repro` makes its outs again; it runs neither `.dvc` files nor frozen stages."""
    return not (stage.is_dvcfile or stage.is_dataset or stage.frozen)


def _upstream(state: CommitState, producer: str | None) -> Iterator[Stage]:
    """Yield the stage of a model, and the stages that it needs, up to those that no run makes."""
    graph = build_graph(state.lineage.stages)
    stages = {stage.id: stage for stage in state.lineage.stages}
    waiting = [] if producer is None else [producer]
    seen = set(waiting)
    while waiting:
        stage = stages[waiting.pop()]
        yield stage
        above = {link.stage for link in graph.upstream[stage.id]} if _is_run(stage) else set()
        waiting += sorted(above - seen)
        seen |= above


def _of_run(state: CommitState, stage: Stage, freshness: Freshness) -> Iterator[RemakeObstacle]:
    """Yield the obstacles to a run that makes the same again."""
    if freshness != "fresh":
        yield RemakeObstacle("stale" if freshness == "stale" else "not-known", stage.id)
    made = {link.dep for link in build_graph(state.lineage.stages).upstream[stage.id]}
    for dep in stage.deps:
        if dep.external:
            yield RemakeObstacle("outside", dep.path)
        elif dep.path not in made and dep.path not in state.evidence.contents:
            yield RemakeObstacle("not-tracked", dep.path)


_DECIDED = frozenset(("not-pushed", "not-tracked", "stale"))


def remake(path: str, commit: str, needed: Needed, pushed: Mapping[Stored, PushedOut]) -> Remake:
    """Answer for one version; `pushed` has the answer of the remote by stored object."""
    obstacles = [*needed.obstacles]
    for item in needed.sources:
        found = pushed[item.stored]
        if found.state == "missing":
            obstacles.append(RemakeObstacle("not-pushed", item.out.path))
        elif found.state == "unknown":
            obstacles.append(RemakeObstacle("not-asked", item.out.path, found.reason))
    decided = any(item.kind in _DECIDED for item in obstacles)
    return Remake(
        path,
        commit,
        "no" if decided else "unknown" if obstacles else "yes",
        "kept-in-git" if needed.own is None else pushed[needed.own.stored].state,
        len(needed.sources),
        obstacles=tuple(sorted(obstacles, key=lambda item: (item.kind, item.subject))),
    )
