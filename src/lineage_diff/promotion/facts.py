"""The facts that the conditions of a promotion look at."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change


class PromotionSubject(Struct, frozen=True):
    """What is promoted: the commit of a model, as a `version`, to a `stage`.

    `artifact` is the model's name in tags, its path without one. `tag` is the one that promotes,
    `None` before it exists.
    """

    artifact: str
    path: str
    commit: str
    version: RegistryVersion | None = None
    stage: str | None = None
    tag: RegistryTag | None = None


class BranchFacts(Struct, frozen=True):
    """The branches of the repository, and those that hold the commit, without their remote.

    `default` is the default branch. `complete` is false if the history is cut, so that a branch
    may hold the commit without showing it.
    """

    default: str
    known: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    complete: bool = True


class InUseFacts(Struct, frozen=True):
    """A version in use, and the change of the model's metrics from it to the promoted one.

    `files` are the metrics files that measure the model in either commit. `unreadable` is the
    reason if its metrics cannot be compared.
    """

    version: RegistryVersion
    change: Change = field(default_factory=Change)
    files: tuple[str, ...] = ()
    unreadable: str | None = None


class RunFacts(Struct, frozen=True):
    """The freshness of all stages, by id, without what merges did to lock entries.

    `commit` wrote the lock entry of the model's stage, `None` if unknown. `then` is the freshness
    at that commit, `None` if it was not needed, or is not known.
    """

    now: Mapping[str, StageFreshness] = field(default_factory=dict)
    commit: str | None = None
    then: Mapping[str, StageFreshness] | None = None


class PromotionFacts(Struct, frozen=True):
    """The facts of one promotion.

    `made` is the out that is the model. `stages` are the stage that makes it and all upstream,
    sorted by id. `merges_searched` is false if some merge before the commit could not be searched
    for spliced lock entries. `tags` are those of the artifact. `metrics` are the files that measure
    the model. `mlflow_unknown` is the reason if MLflow may have more versions in use. `comments`
    are the ignore comments of the commit, `None` if they cannot be read. `disputed` says
    which stages the two registries give to versions of different commits; empty for none.
    """

    subject: PromotionSubject
    policy: Policy
    state: CommitState
    branches: BranchFacts
    made: TrackedOutput | None = None
    stages: tuple[Stage, ...] = ()
    run: RunFacts = RunFacts()
    merges_searched: bool = True
    tags: tuple[RegistryTag, ...] = ()
    metrics: tuple[str, ...] = ()
    in_use: tuple[InUseFacts, ...] = ()
    mlflow_unknown: str | None = None
    comments: tuple[IgnoreComment, ...] | None = ()
    disputed: str = ""

    @property
    def stage(self) -> Stage | None:
        """The stage that makes the model."""
        return self.made.stage if self.made is not None else None
