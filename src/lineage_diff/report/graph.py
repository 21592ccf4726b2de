"""The nodes and edges of the changed subgraph."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from lineage_diff.report.reasons import Freshness

NodeKind = Literal["stage", "data", "model", "metrics", "code", "params", "import"]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the changed subgraph. `group` folds `foreach` and `matrix` siblings; `context`
    is true for the ring of unchanged neighbours; `label` is what to print."""

    id: str
    kind: NodeKind
    label: str
    change: Literal["added", "removed", "modified", "renamed", "affected", "unchanged"]
    freshness: Freshness | None = None
    pipeline: str | None = None
    group: str | None = None
    context: bool = False


# From what is used, or from the stage, to what uses it, or what it makes. Ids of nodes.
Edge = TypedDict("Edge", {"from": str, "to": str})


@dataclass(frozen=True, slots=True)
class Graph:
    """The changed subgraph, sorted by id. `hidden` counts the nodes that were left out of it."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    hidden: int = 0
