"""Explain the changed metrics of each file by the causes of the stage that writes it.

A change is unexplained if `dvc.lock` proves it: at base and head a stage ran the same command on
the same deps and params, and the results differ. This is the stage that writes the file, or one
upstream whose out changed. If the locks do not prove it, the explanation is unknown.

Also counts the transitive inputs of a stage, and those whose version both commits record. An input
is a dep or params file that no stage makes, or an out of a `.dvc` file. One pass in topological
order, each stage with the set of its inputs as a bit set: linear in the links.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from lineage_diff.diff.causes import Sides, out_cause
from lineage_diff.diff.impact import CauseReach, Touched, nearest_causes, omitted_causes
from lineage_diff.diff.stages import Pair
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import LineageGraph, topological, upstream_of, value_around
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import is_recorded, same_version
from lineage_diff.report.change import (
    MetricAttribution,
    ModelChange,
    ModelMetric,
    UnexplainedReason,
)


class StageInputs(Struct):
    """The transitive inputs of stages, by the stages' ids at the head."""

    numbers: dict[str, int] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)
    unknown: int = 0

    def count(self, stage: str) -> tuple[int, int]:
        """Return the number of a stage's inputs, and of those with a known version."""
        own = self.sets.get(stage, 0)
        return own.bit_count(), (own & ~self.unknown).bit_count()


def find_inputs(
    pairs: Mapping[str, Pair],
    graph: LineageGraph,
    base: CommitState,
    head: CommitState,
    wanted: Iterable[str],
) -> StageInputs:
    """Find the inputs of the `wanted` stages, and of all upstream."""
    above = set(upstream_of(graph, wanted))
    inputs = StageInputs()
    order, _ = topological(graph)
    rest = sorted(above - set(order))
    # Stages in a cycle come last and twice, so that inputs go all the way around.
    for stage in (*(stage for stage in order if stage in above), *rest, *rest):
        links = graph.upstream.get(stage, ())
        made = {link.dep for link in links}
        bits = 0
        for link in links:
            bits |= inputs.sets.get(link.stage, 0)
        pair = pairs[stage]
        for state, side in ((base, pair.old), (head, pair.new)):
            for path, known in _own_inputs(side, state, made) if side is not None else ():
                bit = 1 << inputs.numbers.setdefault(path, len(inputs.numbers))
                bits |= bit
                if not known:
                    inputs.unknown |= bit
        inputs.sets[stage] = bits
    return inputs


def _own_inputs(stage: Stage, state: CommitState, made: set[str]) -> Iterator[tuple[str, bool]]:
    if stage.is_dvcfile and not stage.cmd:
        source = stage.imported.locked if stage.imported else None
        for out in stage.outs:
            yield out.path, is_recorded(out.locked) or is_recorded(source)
        return
    for dep in stage.deps:
        if dep.path not in made:
            content = state.evidence.contents.get(dep.path)
            held = content is not None and content.unknown is None
            yield dep.path, held or is_recorded(dep.locked)
    for param in stage.params:
        if param.path not in made:
            file = state.lineage.params.get(param.path)
            held = file is not None and file.unknown is None
            yield param.path, held or param.locked is not None


class AttributionContext(Struct, frozen=True):
    """Results of the other comparisons of the two commits. `pairs` are by id."""

    base: CommitState
    head: CommitState
    pairs: Mapping[str, Pair]
    graph: LineageGraph
    impact: CauseReach
    sides: Sides
    touched: Touched


def attribute_metrics(
    changed: Mapping[str, tuple[ModelMetric, ...]],
    models: Iterable[ModelChange],
    context: AttributionContext,
) -> tuple[MetricAttribution, ...]:
    """Explain the changed metrics of each file, sorted by path.

    A file without causes, and without a metric in both commits, is left out.
    """
    measured: dict[str, list[str]] = {}
    for model in models:
        for file in {metric.file for metric in model.metrics}:
            measured.setdefault(file, []).append(model.path)
    producers = {file: value_around(file, context.graph.producers) for file in changed}
    wanted = {stage for stage in producers.values() if stage is not None}
    inputs = find_inputs(context.pairs, context.graph, context.base, context.head, wanted)
    found = []
    for file in sorted(changed):
        stage = producers[file]
        moved = any(row.old is not None and row.new is not None for row in changed[file])
        causes = nearest_causes(context.impact, stage, context.touched) if stage else ()
        if not moved and not causes:
            continue
        roots, why = _roots(file, stage, context)
        total, known = inputs.count(stage) if stage else (0, 0)
        found.append(
            MetricAttribution(
                file,
                stage,
                tuple(sorted(measured.get(file, ()))),
                "caused" if roots is None else "unknown" if why else "unexplained",
                causes,
                omitted_causes(context.impact, stage) if stage else 0,
                total,
                known,
                roots or (),
                why,
            )
        )
    return tuple(found)


def _roots(
    file: str, stage: str | None, context: AttributionContext
) -> tuple[tuple[str, ...] | None, UnexplainedReason | None]:
    """Return the stages whose results changed on equal inputs, or the reason why it is unknown.

    The stages are `None` if a cause explains the metrics.
    """
    if stage is None or (context.pairs[stage].any.is_dvcfile and not context.pairs[stage].any.cmd):
        return (), "no-stage"
    impact = context.impact
    if omitted_causes(impact, stage):
        return None, None
    roots = set()
    for key in impact.nearest.get(stage, {}):
        root = _remade_by(key, context)
        if root is None:
            return None, None
        roots.add(root)
    if not roots:
        roots.add(stage)
        if not _records_both(file, context.pairs[stage]):
            return (), "not-recorded"
    for root in sorted(roots):
        why = _unexplained_reason(context.pairs[root])
        if why is not None:
            return (), why
    return tuple(sorted(roots)), None


def _remade_by(key: tuple[str, str], context: AttributionContext) -> str | None:
    """Return the producer of a cause's data if no cause reaches it, else `None`."""
    kind, subject = key
    producer = context.graph.producers.get(subject)
    if kind != "data" or producer is None or context.impact.reached(producer):
        return None
    pair = context.pairs[producer]
    plain = pair.any.is_dvcfile and not pair.any.cmd
    return None if plain or out_cause(subject, context.sides) is None else producer


def _records_both(file: str, pair: Pair) -> bool:
    """Whether the locks record different versions of the file or of a folder around it."""
    versions = [
        out.locked
        for stage in (pair.old, pair.new)
        if stage is not None
        for out in stage.outs
        if out.path == file or file.startswith(out.path + "/")
    ]
    if len(versions) != 2 or any(one is None or one.hash is None for one in versions):
        return False
    return not same_version(*versions)


def _unexplained_reason(pair: Pair) -> UnexplainedReason | None:
    """Return why the locks do not prove two runs on equal inputs, `None` if they do."""
    old, new = pair.old, pair.new
    if old is None or new is None or old.lock is None or new.lock is None:
        return "not-locked"
    if new.always_changed or old.always_changed or not (new.deps or new.params):
        return "runs-always"
    if any(out.persist for out in (*old.outs, *new.outs)):
        return "keeps-results"
    before = {dep.path: dep.locked for dep in old.deps}
    after = {dep.path: dep.locked for dep in new.deps}
    params = {param.path: param.locked for param in old.params}
    same = (
        old.lock.cmd == new.lock.cmd
        and before.keys() == after.keys()
        and all(one is not None and one.hash is not None for one in after.values())
        and all(same_version(before[path], after[path]) for path in after)
        and all(param.locked is not None for param in new.params)
        and params == {param.path: param.locked for param in new.params}
    )
    return None if same else "not-locked"
