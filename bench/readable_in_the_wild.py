"""Hold the reports of public changes to their budget, and read back what their folds hold.

    python bench/readable_in_the_wild.py CLONES PAIRS [--every N]

CLONES is a folder of bare clones, NAME.git each; PAIRS a table of name, base and head, separated
by tabs. Of each pair the comment and the report in a terminal are rendered. Exit code 1 if one is
too long, has two equal rows, leaves out a model without saying so, names a stale model without a
reason or cause, or draws a row that is no node.
"""

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.errors import InputError
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import fold
from lineage_diff.render.groups.models import MOST_ROWS
from lineage_diff.render.markdown import ABOVE_FOLDS, DEFAULT_LIMIT, markdown
from lineage_diff.render.summary import Summary
from lineage_diff.render.terminal import LINES, terminal
from lineage_diff.report.report import Report
from tests.support.comments import above_folds, equal_rows, model_rows, models_held


def main() -> int:
    """Check the pairs that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("pairs", type=Path, metavar="PAIRS")
    parser.add_argument("--every", type=int, default=1, help="take every Nth pair")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    spent = 0.0
    for name, base, head in _pairs(given.pairs, given.every):
        try:
            request = Request(str(given.clones / f"{name}.git"), base, head, direct=True)
            report = compare_revisions(request).report
        except InputError:
            counts["not readable"] += 1
            continue
        start = time.perf_counter()
        faults = sorted(set(find_faults(report)))
        spent += time.perf_counter() - start
        counts["pairs"] += 1
        counts["with models"] += bool(report.models)
        counts["with siblings"] += any(len(row.models) > 1 for row in Summary(report).rows)
        counts["faults"] += bool(faults)
        for fault in faults:
            print(f"{name} {base[:7]} {head[:7]}: {fault}", flush=True)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    print(f"{1000 * spent / max(counts['pairs'], 1):.0f} ms for the texts of a pair")
    return 1 if counts["faults"] else 0


def _pairs(table: Path, every: int) -> Iterator[tuple[str, str, str]]:
    with table.open(encoding="utf-8") as lines:
        for place, row in enumerate(csv.reader(lines, delimiter="\t")):
            if place % every == 0:
                yield row[0], row[1], row[2]


def find_faults(report: Report) -> Iterator[str]:
    """Yield the faults in the texts of a report."""
    comment = markdown(report)
    above = above_folds(comment)
    if len(comment) > DEFAULT_LIMIT:
        yield f"the comment has {len(comment):,} characters"
    if len(above.encode()) > ABOVE_FOLDS:
        yield f"{len(above.encode()):,} bytes above the folds"
    if model_rows(above) > MOST_ROWS:
        yield f"{model_rows(above)} rows of models"
    for row in equal_rows(comment):
        yield f"two rows: {row[:100]}"
    lines = len(terminal(report, color=False, width=100).splitlines())
    if lines > LINES:
        yield f"{lines} lines in a terminal"
    yield from _left_out(report, comment)
    yield from _unexplained(report)
    yield from _not_drawn(report)


def _left_out(report: Report, comment: str) -> Iterator[str]:
    paths = {model.path for model in Summary(report).models}
    missing = paths - models_held(comment)
    if missing and "because comments have a size limit" not in comment:
        yield f"{len(missing)} models are in no row, such as {min(missing)}"


def _unexplained(report: Report) -> Iterator[str]:
    reasons = {stage.name: stage.reasons for stage in report.stages}
    for model in report.models:
        stale = model.freshness == "stale" and model.change != "removed"
        if stale and not model.causes and not reasons.get(model.stage or ""):
            yield f"{model.path} is stale without a reason or a cause"


def _not_drawn(report: Report) -> Iterator[str]:
    graph = graph_of(report)
    there = {node.id for node in graph.nodes if node.kind == "model"}
    rows = [{f"file:{model.path}" for model in row.models} & there for row in Summary(report).rows]
    nodes = [set(node.members) for node in fold(graph).nodes if node.kind == "model"]
    if any(row and row not in nodes for row in rows):
        yield "a row of models is not a node of the picture"


if __name__ == "__main__":
    sys.exit(main())
