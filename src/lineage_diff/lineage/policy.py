"""The configuration of a team, read from the tip of the base branch."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.mlflow import COMMIT_NAMES

Severity = Literal["error", "warning", "info"]
Better = Literal["higher", "lower"]
Fetched = Literal["metrics", "plots", "listings"]
Checked = Literal["pushed"]
ConditionName = Literal[
    "registered",
    "fresh",
    "inputs",
    "lock",
    "branch",
    "order",
    "limits",
    "regression",
    "silence",
]
Requirement = Literal["required", "unless-unknown", "off"]
"""Whether a condition must hold, must not be known to be broken, or is not checked."""
ShownExperiments = Literal["all", "promoted", "none"]


class MetricPolicy(Struct, frozen=True):
    """Direction and tolerance of the metrics that match a pattern.

    `tolerance` is the tolerated regression: absolute for a number, relative if the file has `%`
    (then `relative` is true and `tolerance` a share of 1); `None` for the noise of the metric.
    `minimum` and `maximum` are limits of its value, which also fail a change that did not
    cause it. `gate` is the severity of the findings, `None` for that of the rule.
    """

    pattern: str
    better: Better | None = None
    tolerance: float | None = None
    relative: bool = False
    minimum: float | None = None
    maximum: float | None = None
    gate: Severity | Literal["off"] | None = None


class DataPolicy(Struct, frozen=True):
    """Tolerated loss, as a share of 1, of the data whose paths match a pattern."""

    pattern: str
    tolerance: float


class Suppression(Struct, frozen=True):
    """A suppression: a rule's findings whose file or subject matches the glob `path`.

    Without `path`, all findings of the rule. `line` is the entry's line in the configuration,
    from 1. A `shared` one is that of a configuration for many repositories.
    """

    rule: str
    reason: str
    path: str | None = None
    line: int | None = None
    shared: bool = False


class StagePolicy(Struct, frozen=True):
    """The settings of promotions, or those for one stage that differ from them.

    `branches` are globs of the branches that may promote; `None` where they are not set.
    Conditions without an entry in `conditions` are required.
    """

    branches: tuple[str, ...] | None = None
    conditions: Mapping[ConditionName, Requirement] = field(default_factory=dict)


class PromotionPolicy(Struct, frozen=True):
    """The settings of promotions.

    `stages` is the order that a version goes through, empty for any order; `silenced` are the
    rules that an ignore comment may suppress; `to` has the settings of single stages.
    """

    usual: StagePolicy = StagePolicy()
    stages: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()
    to: Mapping[str, StagePolicy] = field(default_factory=dict)

    def requirement(self, name: ConditionName, stage: str | None) -> Requirement:
        """Return the requirement of a condition for a stage; `None` is a version without one."""
        own = self.to.get(stage or "", StagePolicy()).conditions
        return own.get(name) or self.usual.conditions.get(name, "required")

    def branches_for(self, stage: str | None) -> tuple[str, ...] | None:
        """Return the globs of the branches that may promote to a stage; `None`: not set."""
        own = self.to.get(stage or "", StagePolicy()).branches
        return self.usual.branches if own is None else own


class Policy(Struct, frozen=True):
    """The configuration with every default filled in. Patterns are globs on repository paths.

    `mlflow_commit` are the tags and params of MLflow's runs that name a commit; `fetch` lists the
    kinds of files to read from DVC's storage, `check` the checks that ask it; `limits` are the
    limits of all reading; `experiments` are those that the report of a change compares;
    `repository` is the address of this one, `None` for that of `origin`;
    `organization` is that of the tables of all repositories. With `mention`, the comment notifies
    the owners of the models that a change affects. `redact` are globs of paths whose names do not
    leave the repository in the tables of an organization.
    """

    models: tuple[str, ...] = ()
    metrics: tuple[MetricPolicy, ...] = ()
    data: tuple[DataPolicy, ...] = ()
    rules: Mapping[str, Severity | Literal["off"]] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()
    ignore: tuple[str, ...] = ()
    mlflow_commit: tuple[str, ...] = COMMIT_NAMES
    fetch: tuple[Fetched, ...] = ()
    check: tuple[Checked, ...] = ()
    limits: Limits = USUAL
    repository: str | None = None
    organization: str | None = None
    promotion: PromotionPolicy = PromotionPolicy()
    mention: bool = False
    redact: tuple[str, ...] = ()
    experiments: ShownExperiments = "none"
    source: str | None = None
