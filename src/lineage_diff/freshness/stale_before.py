"""Say what was stale in an earlier commit, by the paths of outs and not by the names of stages.

A change may swap the names of two stages: one that was stale excuses no model of the other.
"""

from collections.abc import Iterable, Mapping

from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.graph import value_around
from lineage_diff.lineage.stage import Stage


class StaleBefore:
    """What was stale in a commit, of which `stages` have the freshness `by_stage`."""

    def __init__(self, stages: Iterable[Stage], by_stage: Mapping[str, StageFreshness]) -> None:
        self._by_stage = by_stage
        self._producers = {out.path: stage.id for stage in stages for out in stage.outs}

    def stage(self, id_: str | None) -> bool | None:
        """Return whether a stage was stale, `None` if it is unknown or there was none."""
        found = self._by_stage.get(id_ or "")
        return None if found is None or found.freshness == "unknown" else found.freshness == "stale"

    def out(self, *paths: str | None) -> bool | None:
        """Return whether the first of the paths that a stage made was stale, `None` if unknown.

        False if none of them was made: it is new.
        """
        for path in paths:
            producer = None if path is None else value_around(path, self._producers)
            if producer is not None:
                return self.stage(producer)
        return False

    def has_stale_outs(self, stage: Stage) -> bool:
        """Whether all outs of a later stage that were made before were stale; one must have been.

        True for a stage without outs.
        """
        made = {value_around(out.path, self._producers) for out in stage.outs} - {None}
        return all(map(self.stage, made)) and bool(made or not stage.outs)
