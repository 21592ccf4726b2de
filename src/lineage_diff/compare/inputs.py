"""What stages are made from in the end, and of how much of it both commits know the version.

An input is a dep that no stage makes, what a `.dvc` file tracks, or a params file. One pass in
topological order, each stage with the set of its inputs as a bit set: linear in the links.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lineage_diff.compare.structure import Pair
from lineage_diff.lineage.graph import LineageGraph, topological
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Version


@dataclass(slots=True)
class Inputs:
    """The inputs of stages, by the stages' ids at the head."""

    numbers: dict[str, int] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)
    unknown: int = 0

    def count(self, stage: str) -> tuple[int, int]:
        """Return how many inputs a stage has, and of how many the version is known."""
        own = self.sets.get(stage, 0)
        return own.bit_count(), (own & ~self.unknown).bit_count()


def find_inputs(
    pairs: Mapping[str, Pair],
    graph: LineageGraph,
    base: Lineage,
    head: Lineage,
    wanted: Iterable[str],
) -> Inputs:
    """Find the inputs of the `wanted` stages, and of all above them."""
    above: set[str] = set()
    waiting = list(wanted)
    while waiting:
        stage = waiting.pop()
        if stage not in above:
            above.add(stage)
            waiting += [link.stage for link in graph.upstream.get(stage, ())]
    inputs = Inputs()
    order, _ = topological(graph)
    rest = sorted(above - set(order))
    # Stages in a cycle come last, twice so that all reach all.
    for stage in (*(stage for stage in order if stage in above), *rest, *rest):
        links = graph.upstream.get(stage, ())
        made = {link.dep for link in links}
        bits = 0
        for link in links:
            bits |= inputs.sets.get(link.stage, 0)
        pair = pairs[stage]
        for lineage, side in ((base, pair.old), (head, pair.new)):
            for path, known in _own(side, lineage, made) if side is not None else ():
                bit = 1 << inputs.numbers.setdefault(path, len(inputs.numbers))
                bits |= bit
                if not known:
                    inputs.unknown |= bit
        inputs.sets[stage] = bits
    return inputs


def _own(stage: Stage, lineage: Lineage, made: set[str]) -> Iterator[tuple[str, bool]]:
    if stage.is_dvcfile and not stage.cmd:
        source = stage.imported.locked if stage.imported else None
        for out in stage.outs:
            yield out.path, _told(out.locked) or _told(source)
        return
    for dep in stage.deps:
        if dep.path not in made:
            content = lineage.contents.get(dep.path)
            held = content is not None and content.unknown is None
            yield dep.path, held or _told(dep.locked)
    for param in stage.params:
        file = lineage.params.get(param.path)
        held = file is not None and file.unknown is None
        yield param.path, held or param.locked is not None


def _told(version: Version | None) -> bool:
    return version is not None and version.hash is not None
