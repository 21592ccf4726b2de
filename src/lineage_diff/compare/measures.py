"""Which metrics measure a model."""

from lineage_diff.compare.structure import Pair
from lineage_diff.lineage.graph import LineageGraph, ancestors, topological


def metrics_of_stages(
    pairs: tuple[Pair, ...], graph: LineageGraph, metrics: frozenset[str], makers: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Return by stage which of the `metrics` files measure what it makes.

    Its own, and those of the nearest stages downstream that write metrics. The search ends at
    stages that make a model themselves (`makers`): what lies behind measures theirs.
    """
    own: dict[str, frozenset[str]] = {}
    for pair in pairs:
        paths = {
            out.path
            for stage in (pair.old, pair.new)
            if stage is not None
            for out in stage.outs
            if out.kind == "metrics" or out.path in metrics
        }
        own[pair.id] = frozenset(paths)
    holders = {folder: path for path in sorted(metrics) for folder in ancestors(path)}
    for path in holders.keys() & graph.makers.keys():
        inside = {metric for metric in metrics if metric.startswith(path + "/")}
        maker = graph.makers[path]
        own[maker] = own.get(maker, frozenset()) | inside
    below: dict[str, tuple[int, frozenset[str]]] = {}
    order, _ = topological(graph)
    for stage in reversed(order):
        best: tuple[int, frozenset[str]] = (0, frozenset())
        for user in graph.downstream.get(stage, ()):
            if user in makers:
                continue
            step = (1, own[user]) if own[user] else (below[user][0] + 1, below[user][1])
            if not step[1]:
                continue
            if not best[1] or step[0] < best[0]:
                best = step
            elif step[0] == best[0] and step[1] is not best[1]:
                best = (best[0], best[1] | step[1])
        below[stage] = best
    empty: tuple[int, frozenset[str]] = (0, frozenset())
    return {
        stage: tuple(sorted((own[stage] | below.get(stage, empty)[1]) & metrics)) for stage in own
    }
