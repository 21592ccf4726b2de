"""The nodes and edges of the changed subgraph."""

from typing import Literal, TypedDict

from msgspec import Struct

from lineage_diff.report.reasons import Freshness

NodeKind = Literal["stage", "data", "model", "metrics", "code", "params", "import"]


class Node(Struct, frozen=True):
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


class Graph(Struct, frozen=True):
    """The changed subgraph, sorted by id. `hidden` counts the nodes that were left out of it."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    hidden: int = 0
