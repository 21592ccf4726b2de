"""Propagate causes down the union of both commits' graphs, to every affected stage.

One pass in topological order. Each stage has the set of all its causes as a bit set, and the
`NEAREST` ones with their shortest paths. The nearest of a stage are among those of the stages
upstream, so the result is exact, and the work is linear in the number of links.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.diff.causes import (
    Sides,
    caught_up,
    is_quiet,
    out_cause,
    own_causes,
    param_causes,
    takes_same_files,
)
from lineage_diff.diff.stages import Pair
from lineage_diff.lineage.graph import LineageGraph, Link, build_graph, topological
from lineage_diff.lineage.stage import ParamDep, Stage
from lineage_diff.report.reasons import Cause

NEAREST = 12
# Only the first and last stages of a longer path, this many each, are reported.
PATH_END = 12

CauseKey = tuple[str, str]


class Arrival(Struct, frozen=True, gc=False):
    """One cause at one stage: its distance, the previous stage, and the path's first stages.

    A `.dvc` file is no step of a path: the distance of a cause there is -1.
    """

    distance: int
    parent: str | None
    start: tuple[str, ...]


class CauseReach(Struct):
    """The causes that reach each stage, by the stage's id at the head."""

    causes: dict[CauseKey, Cause] = field(default_factory=dict)
    numbers: dict[CauseKey, int] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)
    nearest: dict[str, dict[CauseKey, Arrival]] = field(default_factory=dict)
    entries: dict[str, list[CauseKey]] = field(default_factory=dict)
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    downstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def reached(self, stage: str) -> bool:
        """Whether any cause reaches the stage."""
        return bool(self.sets.get(stage))

    def count(self, stage: str) -> int:
        """Return how many causes reach the stage."""
        return self.sets.get(stage, 0).bit_count()

    def via(self, stage: str, key: CauseKey) -> tuple[str, ...]:
        """Return the stages from the cause to `stage`; only both ends of a very long path."""
        arrival = self.nearest[stage][key]
        end: list[str] = []
        at: str | None = stage
        while at is not None and len(end) < PATH_END:
            step = self.nearest[at].get(key)
            if step is None or step.distance < 0:
                break
            end.append(at)
            at = step.parent
        end.reverse()
        length = arrival.distance + 1
        return (*arrival.start[: max(0, length - len(end))], *end)


def union_graph(pairs: Iterable[Pair]) -> LineageGraph:
    """Link the stages of base and head. Ids are those of the head, else of the base."""
    pairs = tuple(pairs)
    head = build_graph(pair.new for pair in pairs if pair.new is not None)
    base = build_graph(pair.old for pair in pairs if pair.old is not None)
    if base is head:
        return head
    ids = {pair.old.id: pair.id for pair in pairs if pair.old is not None}
    links: dict[str, dict[Link, None]] = {pair.id: {} for pair in pairs}
    downstream: dict[str, set[str]] = {pair.id: set() for pair in pairs}
    for stage, above in head.upstream.items():
        links[stage].update(dict.fromkeys(above))
    for stage, above in base.upstream.items():
        for link in above:
            links[ids[stage]][Link(ids[link.stage], link.dep, link.out)] = None
    for stage, found in links.items():
        for link in found:
            downstream[link.stage].add(stage)
    producers = {path: ids[stage] for path, stage in base.producers.items()} | dict(head.producers)
    return LineageGraph(
        {stage: tuple(found) for stage, found in links.items()},
        {stage: tuple(sorted(below)) for stage, below in downstream.items()},
        producers,
    )


def find_impact(pairs: tuple[Pair, ...], graph: LineageGraph, sides: Sides) -> CauseReach:
    """Find the root causes and propagate each to all affected stages."""
    impact = CauseReach(links=graph.upstream, downstream=graph.downstream)
    by_id = {pair.id: pair for pair in pairs}
    order, _ = topological(graph)
    # Stages in a cycle come last, by id, and twice, so that causes go all the way around.
    rest = sorted(by_id.keys() - set(order))
    waiting: dict[str, dict[CauseKey, Cause]] = defaultdict(dict)
    users = _Users(graph, by_id)
    for stage in (*order, *rest, *rest):
        _visit(by_id[stage], impact, sides, waiting, users)
    return impact


class _Users:
    """The direct downstream stages of each stage, each with a link to it; indexed on first use."""

    def __init__(self, graph: LineageGraph, pairs: Mapping[str, Pair]) -> None:
        self._graph = graph
        self._pairs = pairs
        self._known: Mapping[str, list[tuple[Pair, Link]]] | None = None

    def of(self, stage: str) -> Sequence[tuple[Pair, Link]]:
        """Return those of one stage, by id."""
        if self._known is None:
            self._known = _users(self._graph, self._pairs)
        return self._known.get(stage, ())


def _users(graph: LineageGraph, pairs: Mapping[str, Pair]) -> Mapping[str, list[tuple[Pair, Link]]]:
    """Return the direct downstream stages of each stage, each with a link to it."""
    users: dict[str, list[tuple[Pair, Link]]] = {}
    for stage, links in graph.upstream.items():
        for link in links:
            users.setdefault(link.stage, []).append((pairs[stage], link))
    return users


def _visit(
    pair: Pair,
    impact: CauseReach,
    sides: Sides,
    waiting: dict[str, dict[CauseKey, Cause]],
    users: _Users,
) -> None:
    stage, links = pair.id, impact.links.get(pair.id, ())
    sources = _sources(links, impact, sides)
    if not sources and stage not in waiting and is_quiet(pair, sides):
        return
    own = dict(waiting.get(stage, {}))
    for cause in own_causes(pair, sides, {link.dep for link in links}):
        own[cause.kind, cause.subject] = cause
        if cause.change == "renamed":
            own.pop(("data", cause.old), None)
    own |= _caught_up(pair, impact, sides, links)
    plain = pair.any.is_dvcfile and not pair.any.cmd
    found = impact.nearest.get(stage, {})
    reach = impact.sets.get(stage, 0)
    for key, cause in sorted(own.items()):
        impact.causes.setdefault(key, cause)
        reach |= 1 << impact.numbers.setdefault(key, len(impact.numbers))
        found[key] = Arrival(-1 if plain else 0, None, () if plain else (stage,))
    if own:
        impact.entries[stage] = sorted(own)
    for above in sources:
        reach |= impact.sets.get(above, 0)
        for key, arrival in impact.nearest.get(above, {}).items():
            known = found.get(key)
            if known is None or known.distance > arrival.distance + 1:
                start = arrival.start
                if len(start) < PATH_END:
                    start = (*start, stage)
                found[key] = Arrival(arrival.distance + 1, above, start)
    if len(found) > NEAREST:
        nearest = sorted(found, key=lambda key: (found[key].distance, key))
        found = {key: found[key] for key in nearest[:NEAREST]}
    if found:
        impact.nearest[stage], impact.sets[stage] = found, reach
    else:
        _pass_on(pair, users, sides, waiting)


def _sources(links: tuple[Link, ...], impact: CauseReach, sides: Sides) -> list[str]:
    """Return the stages directly upstream from which causes come, sorted."""
    reached = [link for link in links if link.stage in impact.sets]
    if not reached:
        return []
    return sorted({link.stage for link in reached if not takes_same_files(link, sides)})


def _pass_on(
    pair: Pair,
    users: _Users,
    sides: Sides,
    waiting: dict[str, dict[CauseKey, Cause]],
) -> None:
    """Make outs that changed without a cause the causes of the stages that use them.

    In a params file only the keys that a stage uses count, if both commits have the values.
    """
    if pair.old is pair.new and all(out.cache for out in pair.any.outs):
        return
    paths = {out.path for stage in (pair.old, pair.new) if stage for out in stage.outs}
    changed = {path: cause for path in paths if (cause := out_cause(path, sides)) is not None}
    if not changed:
        return
    for below, link in users.of(pair.id):
        if link.out not in changed or takes_same_files(link, sides):
            continue
        if not _takes_the_same(below, link.dep, sides):
            cause = changed[link.out]
            waiting[below.id][cause.kind, cause.subject] = cause


def _takes_the_same(pair: Pair, path: str, sides: Sides) -> bool:
    """Whether a stage uses a path only for params, and these are surely unchanged."""
    old, new = pair.old, pair.new
    if old is None or new is None or any(dep.path == path for dep in (*old.deps, *new.deps)):
        return False
    return sides.params.is_same(_param(old, path), _param(new, path))


def _param(stage: Stage, path: str) -> ParamDep | None:
    return next((param for param in stage.params if param.path == path), None)


def _caught_up(
    pair: Pair, impact: CauseReach, sides: Sides, links: tuple[Link, ...]
) -> dict[CauseKey, Cause]:
    """Find deps made upstream whose locked version changed without a change upstream.

    For params files: those whose values for the stage changed though the file's version did not.
    """
    old, new = pair.old, pair.new
    if old is None or new is None or not links:
        return {}
    explained: dict[str, bool] = {}
    for link in links:
        if not explained.get(link.dep):
            known = impact.reached(link.stage) or out_cause(link.out, sides) is not None
            explained[link.dep] = known
    open_paths = {path for path, known in explained.items() if not known}
    found: list[Cause] = []
    before = {dep.path: dep for dep in old.deps} if old is not new else {}
    for dep in new.deps:
        if dep.path in before and dep.path in open_paths:
            cause = caught_up("data", before[dep.path], dep)
            found += [cause] if cause is not None else []
    for param in new.params:
        if param.path in open_paths:
            found += param_causes(param.path, _param(old, param.path), param, sides)
    return {(cause.kind, cause.subject): cause for cause in found}


Touched = Mapping[str, tuple[str, ...]]


def nearest_causes(
    impact: CauseReach, stage: str, touched: Touched, but: tuple[str | None, ...] = ()
) -> tuple[Cause, ...]:
    """Return the nearest causes of a stage, by its id at the head, except data at paths in `but`.

    `touched` gives the commits of the range by path, newest first.
    """
    arrivals = impact.nearest.get(stage, {})
    found = []
    for key in sorted(arrivals, key=lambda key: (arrivals[key].distance, key)):
        cause = impact.causes[key]
        if cause.kind == "data" and cause.subject in but:
            continue
        path = _touched_path(cause)
        commits = touched.get(path) or touched.get(path + ".dvc", ())
        found.append(replace(cause, via=impact.via(stage, key), commits=commits))
    return tuple(found)


def omitted_causes(impact: CauseReach, stage: str) -> int:
    """Count the causes of a stage beyond the nearest ones."""
    return impact.count(stage) - len(impact.nearest.get(stage, ()))


def _touched_path(cause: Cause) -> str:
    if cause.kind in ("param", "command", "structure"):
        return cause.subject.partition(":")[0]
    return cause.subject
