"""Write every fact as one line of JSON."""

from collections.abc import Iterable, Iterator

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.parts import FilePart, fact_json

FILE = "facts.jsonl"


def write_fact_lines(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield a line for each fact."""
    for fact in facts:
        yield FilePart(FILE, fact_json(fact) + b"\n")
