"""The nodes and edges of the changed subgraph."""

from typing import Literal, TypedDict

from msgspec import Struct

from lineage_diff.report.reasons import Freshness

NodeKind = Literal["stage", "data", "model", "metrics", "code", "params", "import"]


class Node(Struct, frozen=True):
    """A node of the changed subgraph. `group` is shared by `foreach` and `matrix` siblings;
    `context` is true for an unchanged neighbour of a changed node; `label` is the text to print."""

    id: str
    kind: NodeKind
    label: str
    change: Literal["added", "removed", "modified", "renamed", "affected", "unchanged"]
    freshness: Freshness | None = None
    pipeline: str | None = None
    group: str | None = None
    context: bool = False


# From an input to the stage that uses it, or from a stage to its output. Ids of nodes.
Edge = TypedDict("Edge", {"from": str, "to": str})


class Graph(Struct, frozen=True):
    """The changed subgraph, sorted by id. `hidden` counts the nodes outside of it."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    hidden: int = 0
