"""Graphs to draw: hostile names, and many stages in one or more pipelines."""

from lineage_diff.report.graph import Edge, Graph, Node
from lineage_diff.report.reasons import Freshness
from tests.support.reports import edge

# Each is markup, syntax or a link to something that draws.
NAMES = (
    'a"];n9[label="x',
    '\\N \\G \\"',
    "<b>x</b>",
    "&lt;i&gt; &amp;",
    "x\ny",
    "%%{init: {}}%%",
    'click n0 "http://e"',
    "#quot;]-->n7",
    "`**md**`",
    "1. list",
    "- item",
    "__init__.py",
    "日本語/モデル",
    "a\u202eb",
    "\ud800bad",
    '"]:::x',
    "end",
    "subgraph q",
    "x\\",
    "<img src=x onerror=alert(1)>",
    "www.example.com",
    "[[a]]((b)){{c}}",
    "$$x^2$$",
    "fa:fa-ban icon",
    "fab:fa-github",
)


def graph_of(nodes: list[Node], edges: list[Edge], hidden: int = 0) -> Graph:
    """Return nodes and edges in a graph's order."""
    return Graph(
        tuple(sorted(nodes, key=lambda node: node.id)),
        tuple(sorted(edges, key=lambda edge: (edge["from"], edge["to"]))),
        hidden,
    )


def hostile_names(names: tuple[str, ...] = NAMES) -> Graph:
    """A chain of stages with these names, in two pipelines."""
    nodes = [
        Node(f"k{number:03}", "stage", name, "modified", "fresh", f"p{number % 2} $$x$$/dvc.yaml")
        for number, name in enumerate(names)
    ]
    return graph_of(nodes, [edge(nodes[at].id, nodes[at + 1].id) for at in range(len(nodes) - 1)])


def many(pipelines: int, stages: int, models: int = 0) -> Graph:
    """One data file, and pipelines that begin with it: chains of `stages` with their outs and
    scripts, and `models` more stages of one `foreach`, each with its model."""
    nodes = [Node("data/raw.csv", "data", "data/raw.csv", "modified")]
    edges = []
    for number in range(pipelines):
        folder = "" if pipelines == 1 else f"teams/t{number % 7}/proj{number:03}/"
        pipeline = f"{folder}dvc.yaml"
        above = "data/raw.csv"
        for step in range(stages):
            stage = f"{pipeline}:step{step}"
            fresh: Freshness = "stale" if number % 5 == 0 and step > stages // 2 else "fresh"
            kept = step % 3 != 0
            script = f"{folder}src/step{step}.py"
            last = step == stages - 1
            out = f"{folder}models/m.pkl" if last else f"{folder}data/s{step}.parquet"
            nodes += [
                Node(stage, "stage", stage, "affected" if kept else "modified", fresh, pipeline),
                Node(script, "code", script, "unchanged" if kept else "modified", context=kept),
                Node(out, "model" if last else "data", out, "affected", fresh, pipeline),
            ]
            edges += [edge(above, stage), edge(script, stage), edge(stage, out)]
            above = out
        for place in range(models):
            stage, out = f"{pipeline}:fit@{place:03}", f"{folder}models/fit_{place:03}.pkl"
            group = f"{pipeline}:fit"
            nodes += [
                Node(stage, "stage", stage, "modified", "fresh", pipeline, group),
                Node(out, "model", out, "modified", "fresh", pipeline, group),
            ]
            edges += [edge(above, stage), edge(stage, out)]
    return graph_of(nodes, edges, 17)
