"""What DVC refuses of a project as a whole: cycles, and outputs in each other's place."""

from collections.abc import Sequence

from lineage_diff.lineage.graph import build_graph, overlaps, own_results, topological
from lineage_diff.lineage.problem import Problem
from lineage_diff.lineage.stage import Stage
from lineage_diff.read import problems


def graph_problems(stages: Sequence[Stage]) -> list[Problem]:
    """Find them in the stages of one project; each names the file and line of one stage."""
    by_id = {stage.id: stage for stage in stages}
    found = []
    for overlap in overlaps(stages):
        stage = by_id[overlap.other]
        found.append(
            problems.overlapping_outs(
                stage.file,
                overlap.path,
                overlap.inner,
                by_id[overlap.stage].address,
                stage.address,
                stage.line,
            )
        )
    alone = [(stage.id,) for stage in stages if own_results(stage)]
    for ring in (*alone, *topological(build_graph(stages))[1]):
        first = by_id[ring[0]]
        names = [by_id[stage].address for stage in ring]
        found.append(problems.cycle(first.file, names, first.line))
    return found
