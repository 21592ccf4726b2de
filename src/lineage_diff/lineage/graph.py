"""The graph of stages, by DVC's rule for an edge.

A stage depends on another when one of its deps or params files equals, lies inside, or contains
one of the other's outs (`dvc.repo.graph.build_graph`). One more edge is drawn, which
DVC does not have: from an out to a dep from which a symbolic link in Git leads to it.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter, is_
from typing import TypeVar

from msgspec import Struct

from lineage_diff.lineage.stage import Stage

T = TypeVar("T")
KeyT = TypeVar("KeyT", bound=Hashable)


class Link(Struct, frozen=True, gc=False):
    """One edge, seen from its downstream stage.

    `dep` is the path of that stage's dep or params file; `out` and `stage` are the upstream out
    that overlaps it and the stage of that out.
    """

    stage: str
    dep: str
    out: str

    @property
    def is_known_to_dvc(self) -> bool:
        """Whether DVC draws this edge too: it follows no symbolic link for its graph."""
        return _do_overlap(self.dep, self.out)


class Overlap(Struct, frozen=True):
    """Two outs where one equals or contains the other; `path` is the outer one."""

    path: str
    inner: str
    stage: str
    other: str


class LineageGraph(Struct, frozen=True, eq=False):
    """Links of each stage by id, both ways; `producers` has the stage of each out by path.

    `stages` are those that it links, by id; none for the union of two commits.
    """

    upstream: Mapping[str, tuple[Link, ...]]
    downstream: Mapping[str, tuple[str, ...]]
    producers: Mapping[str, str]
    stages: tuple[Stage, ...] = ()


def ancestors(path: str) -> Iterator[str]:
    """Yield the folders above a path, nearest first, without the root."""
    end = path.rfind("/")
    while end > 0:
        path = path[:end]
        yield path
        end = path.rfind("/")


def folders_around(paths: Iterable[str]) -> set[str]:
    """Return the folders above any of the paths, without the root; each is visited once."""
    found: set[str] = set()
    for path in paths:
        for folder in ancestors(path):
            if folder in found:
                break
            found.add(folder)
    return found


def value_around(path: str, by_path: Mapping[str, T]) -> T | None:
    """Return the value of a path, or of the nearest folder above it; `None` if there is none."""
    return next((by_path[at] for at in (path, *ancestors(path)) if at in by_path), None)


def inside(paths: list[str], folder: str) -> list[str]:
    """Return the paths below `folder`; `paths` must be sorted."""
    if not folder:
        return paths
    prefix = folder + "/"
    start = bisect_left(paths, prefix)
    end = bisect_left(paths, prefix[:-1] + "0", start)
    return paths[start:end]


def reachable(starts: Iterable[KeyT], after: Callable[[KeyT], Iterable[KeyT]]) -> list[KeyT]:
    """Return the starts and all that follows them, each once, the nearest first.

    `after` returns what follows one directly.
    """
    found = dict.fromkeys(starts)
    waiting = list(found)
    for one in waiting:
        new = [other for other in dict.fromkeys(after(one)) if other not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return waiting


def upstream_of(graph: LineageGraph, stages: Iterable[str]) -> list[str]:
    """Return stages and all upstream of them, the nearest first; frozen ones end no search."""
    return reachable(stages, lambda stage: [link.stage for link in graph.upstream.get(stage, ())])


def build_graph(stages: Iterable[Stage]) -> LineageGraph:
    """Link the stages. If two stages have the same out, the first by id counts.

    The last four graphs are cached by their stages: the reader and the rules ask for the same ones,
    and two commits with the same deps and outs share one.
    """
    for given, _, graph in _recent:
        if given is stages:
            return graph
    ordered = tuple(sorted(stages, key=attrgetter("id")))
    # A list may change after the call: only a tuple is known again by itself.
    given = stages if isinstance(stages, tuple) else ordered
    for at, (_, known, graph) in enumerate(_recent):
        if len(known) == len(ordered) and all(map(is_, known, ordered)):
            if given is stages:
                _recent[at] = given, known, graph
            return graph
    similar = (
        graph
        for _, known, graph in _recent
        if len(known) == len(ordered) and all(map(same_shape, known, ordered))
    )
    graph = next(similar, None) or _link(ordered)
    _recent.append((given, ordered, graph))
    return graph


_recent: deque[tuple[tuple[Stage, ...], tuple[Stage, ...], LineageGraph]] = deque(maxlen=4)


def same_shape(one: Stage, two: Stage) -> bool:
    """Whether two stages have the same id, deps and outs, in the same order."""
    return one is two or (
        one.id == two.id
        and one.used_paths == two.used_paths
        and one.linked_paths == two.linked_paths
        and [out.path for out in one.outs] == [out.path for out in two.outs]
    )


def _link(ordered: tuple[Stage, ...]) -> LineageGraph:
    producers: dict[str, str] = {}
    for stage in ordered:
        for out in stage.outs:
            producers.setdefault(out.path, stage.id)
    index = OverlapIndex(producers)
    upstream: dict[str, tuple[Link, ...]] = {}
    downstream: dict[str, list[str]] = {stage.id: [] for stage in ordered}
    for stage in ordered:
        id_ = stage.id
        links: dict[tuple[str, str], Link] = {}
        used = [(path, path) for path in stage.used_paths]
        for path, reached in (*used, *stage.linked_paths):
            for out_path in index.overlapping_outputs(reached):
                producer = producers[out_path]
                if producer != id_:
                    links[path, out_path] = Link(producer, path, out_path)
        upstream[id_] = tuple(links.values())
        for producer in {link.stage for link in links.values()}:
            downstream[producer].append(id_)
    below = {key: tuple(ids) for key, ids in downstream.items()}
    return LineageGraph(upstream, below, producers, ordered)


class OverlapIndex:
    """Finds the outs that equal, enclose or lie inside a dep; two look-ups for most deps."""

    def __init__(self, producers: Mapping[str, object]) -> None:
        self._producers = producers
        self._paths = sorted(producers)
        self._holders = folders_around(self._paths)
        self._around: dict[str, tuple[str, ...]] = {}

    def overlapping_outputs(self, dep: str) -> tuple[str, ...]:
        """Return the outs' paths: the dep itself, then enclosing outs, then outs inside it."""
        folder = dep.rpartition("/")[0]
        found = self._around.get(folder)
        if found is None:
            found = tuple(path for path in ancestors(dep) if path in self._producers)
            self._around[folder] = found
        if dep in self._producers:
            found = (dep, *found)
        if dep in self._holders or not dep:
            found = (*found, *inside(self._paths, dep))
        return found


@lru_cache(maxsize=4)
def clashes(graph: LineageGraph) -> tuple[tuple[Overlap, ...], tuple[str, ...]]:
    """Return the overlapping outs of a graph, and its stages that depend on their own outs."""
    alone = tuple(stage.id for stage in graph.stages if self_dependencies(stage))
    return tuple(overlaps(graph.stages)), alone


def overlaps(stages: Iterable[Stage]) -> list[Overlap]:
    """Find outs that DVC rejects: the same path twice, or one inside another."""
    seen: dict[str, str] = {}
    found: list[Overlap] = []
    for stage in sorted(stages, key=attrgetter("id")):
        for out in stage.outs:
            if out.path in seen:
                found.append(Overlap(out.path, out.path, seen[out.path], stage.id))
            else:
                seen[out.path] = stage.id
    around: dict[str, tuple[str, ...]] = {}
    for path in sorted(seen):
        folder = path.rpartition("/")[0]
        if folder not in around:
            around[folder] = tuple(above for above in ancestors(path) if above in seen)
        found += [Overlap(above, path, seen[above], seen[path]) for above in around[folder]]
    return found


def self_dependencies(stage: Stage) -> list[str]:
    """Return the deps and params files that overlap the stage's own outs: for DVC, a cycle."""
    found: dict[str, None] = {}
    used = stage.used_paths
    for out in stage.outs:
        for path in used:
            if _do_overlap(path, out.path):
                found[path] = None
    return list(found)


def _do_overlap(one: str, two: str) -> bool:
    """Whether two paths are equal or one contains the other; the root, `""`, contains all."""
    if len(one) < len(two):
        one, two = two, one
    return one.startswith(two) and (len(one) == len(two) or not two or one[len(two)] == "/")


@lru_cache(maxsize=4)
def topological(graph: LineageGraph) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Order the stages from sources to results; the second item lists the cycles.

    Each cycle is a tuple of ids, in order, starting from its smallest id.
    """
    waiting = {
        stage: {link.stage for link in links if link.stage in graph.upstream}
        for stage, links in graph.upstream.items()
    }
    counts = {stage: len(above) for stage, above in waiting.items()}
    ready = sorted((stage for stage, count in counts.items() if not count), reverse=True)
    order: list[str] = []
    while ready:
        stage = ready.pop()
        order.append(stage)
        for below in sorted(graph.downstream.get(stage, ()), reverse=True):
            counts[below] -= 1
            if not counts[below]:
                ready.append(below)
    rest = {stage for stage, count in counts.items() if count}
    return tuple(order), tuple(_cycles(waiting, rest))


def _cycles(waiting: Mapping[str, set[str]], rest: set[str]) -> Iterator[tuple[str, ...]]:
    left = set(rest)
    while left:
        path: list[str] = []
        place: dict[str, int] = {}
        stage = min(left)
        while stage not in place:
            place[stage] = len(path)
            path.append(stage)
            above = waiting[stage] & rest
            if not above:
                break
            stage = min(above)
        ring = path[place[stage] :] if waiting[stage] & rest else []
        if ring and set(ring) <= left:
            ring.reverse()
            start = ring.index(min(ring))
            yield tuple(ring[start:] + ring[:start])
        left -= set(path)
