"""Helpers of rules on stages: declared paths, and stale stages that a stale model covers."""

from collections.abc import Iterator

from lineage_diff.lineage.code_usage import Uses
from lineage_diff.lineage.graph import ancestors, reachable
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change
from lineage_diff.rules.facts import RuleFacts


def stages_that_use(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[Stage, Uses]]:
    """Yield the stages with known uses that DVC runs only if a dep changed.

    A frozen stage does not run; one that always changes runs whatever it declares.
    """
    for stage in lineage.stages:
        uses = facts.uses.get(stage.id)
        runs = stage.frozen or stage.always_changed or not (stage.deps or stage.outs)
        if uses is not None and not runs:
            yield stage, uses


def declared_paths(stage: Stage) -> frozenset[str]:
    """Return the paths of a stage's deps, outs and params files."""
    return frozenset(
        (
            *(dep.path for dep in stage.deps),
            *(out.path for out in stage.outs),
            *(param.path for param in stage.params),
            *(() if stage.file == "" else (stage.file,)),
        )
    )


def is_declared(path: str, declared: frozenset[str]) -> bool:
    """Whether a path, a folder around it or something inside it is declared."""
    if path in declared or "" in declared or any(above in declared for above in ancestors(path)):
        return True
    return any(inner.startswith(path + "/") for inner in declared)


def place(stage: Stage) -> tuple[str, str]:
    """Return the file and entry that the stages of one `foreach` or `matrix` share."""
    return stage.file, stage.group or str(stage.name)


def stale_for_a_model(change: Change) -> frozenset[str]:
    """Return the ids of the stages that make stale models, and of stale stages upstream."""
    stages = {stage.name: stage for stage in change.stages}
    producers = [
        model.stage
        for model in change.models
        if model.stage is not None and model.freshness == "stale" and model.change != "removed"
    ]

    def outdated_by(name: str) -> list[str]:
        reasons = stages[name].reasons if name in stages else ()
        return [reason.subject for reason in reasons if reason.kind == "outdated-by"]

    return frozenset(reachable(producers, outdated_by))


# Stages visited for all counts of one report: a second of work.
_STEPS = 1_000_000


class Outdated:
    """Counts the stages that a stage outdates, directly or through others.

    The work is bounded: in a long chain each stage outdates nearly all others.
    """

    def __init__(self, change: Change) -> None:
        self._left = _STEPS
        self._users: dict[str, list[str]] = {}
        for stage in change.stages:
            for reason in stage.reasons:
                if reason.kind == "outdated-by":
                    self._users.setdefault(reason.subject, []).append(stage.name)

    def count(self, stage: str) -> tuple[int, bool]:
        """Return the number of outdated stages, and whether all were counted."""
        seen = {stage}
        waiting = list(self._users.get(stage, ()))
        while waiting and self._left > 0:
            self._left -= 1
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._users.get(name, ())
        return len(seen) - 1 or len(set(waiting)), not waiting
