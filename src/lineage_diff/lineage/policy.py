"""What a team decided: the configuration, read from the tip of the base branch."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.mlflow import COMMIT_NAMES

Severity = Literal["error", "warning", "info"]
Better = Literal["higher", "lower"]
Fetched = Literal["metrics", "plots", "listings"]


class MetricPolicy(Struct, frozen=True):
    """For the metrics that a pattern names: which way is better, and how much worse is tolerated.

    `tolerance` is absolute when a number, relative when it ends in `%` in the file
    (`relative` is then true and `tolerance` a share of 1).
    """

    pattern: str
    better: Better | None = None
    tolerance: float = 0.0
    relative: bool = False


class DataPolicy(Struct, frozen=True):
    """For the data whose paths a pattern names: which share of it, of 1, may be lost."""

    pattern: str
    tolerance: float


class PolicySilence(Struct, frozen=True):
    """What one entry silences: a rule's findings whose file or subject `path`, a glob, matches.

    No `path` means all of the rule's. `line` is the entry's own in the configuration, from 1.
    """

    rule: str
    reason: str
    path: str | None = None
    line: int | None = None


class Policy(Struct, frozen=True):
    """The configuration with every default filled in. Patterns are globs on repository paths.

    `mlflow_commit` are the tags and params of MLflow's runs that name a commit; `fetch` is what is
    read from DVC's storage; `limits` are those that hold for what is read.
    """

    models: tuple[str, ...] = ()
    metrics: tuple[MetricPolicy, ...] = ()
    data: tuple[DataPolicy, ...] = ()
    rules: Mapping[str, Severity | Literal["off"]] = field(default_factory=dict)
    silence: tuple[PolicySilence, ...] = ()
    ignore: tuple[str, ...] = ()
    mlflow_commit: tuple[str, ...] = COMMIT_NAMES
    fetch: tuple[Fetched, ...] = ()
    limits: Limits = USUAL
    source: str | None = None
