"""Which stale stages a stale model already speaks for."""

from lineage_diff.compare.change import Change


def stale_for_a_model(change: Change) -> frozenset[str]:
    """Return the ids of the stages that make stale models, and of the stale ones above those."""
    stages = {stage.name: stage for stage in change.stages}
    waiting = [
        model.stage
        for model in change.models
        if model.stage is not None and model.freshness == "stale" and model.change != "removed"
    ]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in stages:
            waiting += [r.subject for r in stages[name].reasons if r.kind == "outdated-by"]
    return frozenset(found)


# Stages that are walked through for all counts of one report: a second of work.
_STEPS = 1_000_000


class Outdated:
    """Counts the stages that a stage outdates, directly or through others.

    In a long chain each outdates nearly all others: the counting is bounded.
    """

    def __init__(self, change: Change) -> None:
        self._left = _STEPS
        self._users: dict[str, list[str]] = {}
        for stage in change.stages:
            for reason in stage.reasons:
                if reason.kind == "outdated-by":
                    self._users.setdefault(reason.subject, []).append(stage.name)

    def count(self, stage: str) -> tuple[int, bool]:
        """Return how many there are, and whether these are all of them."""
        seen = {stage}
        waiting = list(self._users.get(stage, ()))
        while waiting and self._left > 0:
            self._left -= 1
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._users.get(name, ())
        return len(seen) - 1 or len(set(waiting)), not waiting
