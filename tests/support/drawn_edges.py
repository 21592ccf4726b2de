"""The edges between stages that facts state, and those that links between datasets give."""

from collections.abc import Iterable

from lineage_diff.catalog.facts import EdgeFact, Fact, StageFact

Edges = set[tuple[str, str]]


def drawn_edges(facts: list[Fact]) -> Edges:
    """Return the edges between stages that both use and make something."""
    stages = {fact.stage for fact in facts if isinstance(fact, StageFact) and fact.kind != "add"}
    edges = [fact for fact in facts if isinstance(fact, EdgeFact)]
    return {
        (edge.upstream, edge.downstream)
        for edge in edges
        if stages >= {edge.upstream, edge.downstream}
    }


def linked(links: Iterable[tuple[str, set[str], set[str]]]) -> Edges:
    """Return the edges between stages, given with the datasets that each used and made."""
    links = list(links)
    producers = {name: stage for stage, _, made in links for name in made}
    return {
        (producers[name], stage) for stage, used, _ in links for name in used if name in producers
    }
