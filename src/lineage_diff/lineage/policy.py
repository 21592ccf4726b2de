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
    from 1.
    """

    rule: str
    reason: str
    path: str | None = None
    line: int | None = None


class Policy(Struct, frozen=True):
    """The configuration with every default filled in. Patterns are globs on repository paths.

    `mlflow_commit` are the tags and params of MLflow's runs that name a commit; `fetch` lists the
    kinds of files to read from DVC's storage, `check` the checks that ask it; `limits` are the
    limits of all reading; `repository` is the address of this one, `None` for that of `origin`.
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
    source: str | None = None
