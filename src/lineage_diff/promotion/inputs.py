"""Decide by the inputs of a model: is each in Git or DVC, and is each import pinned?"""

from collections.abc import Iterator

from lineage_diff.lineage.graph import build_graph, upstream_of
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Import, Stage
from lineage_diff.promotion.answers import ConditionAnswer, broken, listed, met, unknown
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.rules.wording import code, short_id


def upstream_stages(lineage: Lineage, stage: str) -> tuple[Stage, ...]:
    """Return a stage and all upstream, sorted by id; frozen stages do not end the search."""
    graph = build_graph(lineage.stages)
    found = set(upstream_of(graph, (stage,)))
    return tuple(item for item in lineage.stages if item.id in found)


def check_inputs(facts: PromotionFacts) -> ConditionAnswer:
    """Whether each input, of the model's stage and upstream, is in Git or DVC, imports pinned."""
    stage = facts.stage
    if stage is None:
        return unknown("no stage makes it, so its inputs are not recorded")
    found = [text for item in facts.stages for text in _problems(item, facts)]
    if found:
        return broken(*listed(list(dict.fromkeys(found)), "inputs without a version in Git or DVC"))
    if stage.imported is None and not (stage.deps or stage.params):
        what = "adds it" if stage.is_dvcfile else "makes it and has no deps"
        return unknown(f"{code(short_id(stage.id))} {what}, so its inputs are not recorded")
    number = _inputs(facts)
    noun = "input" if number == 1 else "inputs"
    return met(f"{number:,} {noun}, each with a version in Git or DVC")


def _inputs(facts: PromotionFacts) -> int:
    made = {out.path for stage in facts.stages for out in stage.outs}
    return len({path for stage in facts.stages for path in stage.used_paths} - made)


def _problems(stage: Stage, facts: PromotionFacts) -> Iterator[str]:
    evidence = facts.state.evidence
    graph = build_graph(facts.state.lineage.stages)
    made = {link.dep for link in graph.upstream.get(stage.id, ())}
    name = code(short_id(stage.id))
    if stage.imported is not None and (why := _unpinned(stage, stage.imported)) is not None:
        yield f"{name} {why}"
    for dep in () if stage.imported is not None else stage.deps:
        if dep.external:
            yield f"{code(dep.path)} of {name} is outside the repository"
        elif dep.path not in made and dep.path not in evidence.contents:
            yield f"{code(dep.path)} of {name} is neither in Git nor in DVC"
    for param in stage.params:
        if param.path not in made and param.path in evidence.git_ignored:
            yield f"{code(param.path)} of {name} is not in Git"


def _unpinned(stage: Stage, imported: Import) -> str | None:
    """Return why an import is not pinned; `None` if it is."""
    versions = (imported.locked, *(out.locked for out in stage.outs))
    has_hash = any(version is not None and version.hash is not None for version in versions)
    match imported.kind:
        case "repo":
            pinned = imported.rev_lock is not None
            return None if pinned else "imports without the commit (`rev_lock`)"
        case "db":
            return "imports from a database, which names no version"
        case "dataset":
            pinned = has_hash or imported.rev_lock is not None
            return None if pinned else "is a dataset without a locked version"
    return None if has_hash else "imports without a hash"
