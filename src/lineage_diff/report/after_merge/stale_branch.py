"""What a branch leaves stale, and since which commits: the facts for its issue."""

from collections.abc import Mapping, Set
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.lineage.graph import reachable
from lineage_diff.report.change import ModelChange, StageChange
from lineage_diff.report.reasons import STALE
from lineage_diff.report.report import Report, Repository

# No commit can show that such a stage is fresh: a run may always make something else.
_NEVER_KNOWN = frozenset({"always-changed"})


class ChangeSince(Struct, frozen=True):
    """A commit of the branch that changed a path after a stage's last run.

    `pull_request` is the number in the subject of a merge, `None` without one.
    """

    path: str
    commit: str
    author: str
    pull_request: int | None = None


class StaleBranch(Struct, frozen=True):
    """The report of a branch's tip by itself, and by stage what changed since its last run.

    `unreadable` is true if a DVC file of the tip cannot be read.
    """

    report: Report
    since: Mapping[str, tuple[ChangeSince, ...]] = field(default_factory=dict)
    unreadable: bool = False

    @property
    def state(self) -> Literal["stale", "unknown", "fresh"]:
        """`stale` before `unknown`; `fresh` only if everything is known to be fresh."""
        if self.models("stale") or self.stages("stale"):
            return "stale"
        unknown = self.unreadable or self.models("unknown") or self.stages("unknown")
        return "unknown" if unknown else "fresh"

    def models(self, freshness: Literal["stale", "unknown"]) -> tuple[ModelChange, ...]:
        """Return the models in that state, without those whose staleness is suppressed."""
        quiet = _suppressed(self.report, "stale-model")
        return tuple(
            model
            for model in self.report.models
            if model.freshness == freshness and model.path not in quiet
        )

    def stages(self, freshness: Literal["stale", "unknown"]) -> tuple[StageChange, ...]:
        """Return the stages in that state, without those that are stale for suppressed findings.

        Stages that always run are never known, and left out.
        """
        quiet = _quiet_stages(self.report, {model.stage for model in self.models("stale")})
        return tuple(
            stage
            for stage in self.report.stages
            if stage.freshness == freshness
            and stage.name not in quiet
            and not _is_never_known(stage)
        )

    def causes(self) -> tuple[StageChange, ...]:
        """Return the stale stages that are so by themselves, with the reasons for that alone."""
        own = (
            replace(stage, reasons=tuple(item for item in stage.reasons if item.kind in STALE))
            for stage in self.stages("stale")
        )
        return tuple(stage for stage in own if stage.reasons)

    def of_repository(self, repository: Repository) -> "StaleBranch":
        """Return it with the name and the server of its repository."""
        return replace(self, report=replace(self.report, repository=repository))

    @property
    def suppressed(self) -> int:
        """The number of stale models and stages that the configuration suppresses."""
        found = (_suppressed(self.report, rule) for rule in ("stale-model", "stale-stage"))
        return sum(map(len, found))


def _suppressed(report: Report, rule: str) -> frozenset[str]:
    return frozenset(item.subject for item in report.verdict.suppressed if item.rule == rule)


def _quiet_stages(report: Report, counting: Set[str | None]) -> frozenset[str]:
    """Return the stages that are stale only because of what is suppressed.

    `counting` are the stages of the stale models that are not suppressed.
    """
    above = {stage.name: _outdated_by(stage) for stage in report.stages}
    models = _suppressed(report, "stale-model")
    quiet = _with_all_above({m.stage for m in report.models if m.path in models}, above)
    quiet |= _suppressed(report, "stale-stage")
    quiet -= _with_all_above(counting, above) | {item.subject for item in report.findings}
    while True:
        more = {
            stage.name
            for stage in report.stages
            if stage.name not in quiet
            and stage.name not in counting
            and stage.freshness == "stale"
            and not any(reason.kind in STALE for reason in stage.reasons)
            and above[stage.name] <= quiet
        }
        if not more:
            return frozenset(quiet)
        quiet |= more


def _outdated_by(stage: StageChange) -> frozenset[str]:
    return frozenset(item.subject for item in stage.reasons if item.kind == "outdated-by")


def _with_all_above(names: Set[str | None], above: Mapping[str, frozenset[str]]) -> set[str]:
    known = (name for name in names if name is not None)
    return set(reachable(known, lambda name: above.get(name, ())))


def _is_never_known(stage: StageChange) -> bool:
    kinds = {reason.kind for reason in stage.reasons}
    return stage.freshness == "unknown" and bool(kinds) and kinds <= _NEVER_KNOWN
