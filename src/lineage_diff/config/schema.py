"""What a configuration file may hold; the published JSON Schema is made from these types."""

from typing import Annotated, Any, Literal, get_args

import msgspec

from lineage_diff.lineage.policy import Fetched

Glob = Annotated[str, msgspec.Meta(min_length=1, examples=["models/**/*.pkl"])]
# What MLflow takes for a key (`mlflow.utils.validation`).
MlflowKey = Annotated[
    str, msgspec.Meta(pattern=r"^[/\w.\- :]+$", max_length=250, examples=["dvc_commit"])
]
Severities = Literal["error", "warning", "info", "off"]
Share = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?%$", examples=["1%"])]
Part = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,2}(\.[0-9]+)?|100)%$", examples=["50%"])]
Limit = Annotated[int, msgspec.Meta(ge=1, examples=[20_000_000])]
# `lineage_diff.limits.KEYS`, for a type checker to read.
LimitKey = Literal[
    "content-bytes",
    "history-commits",
    "lock-history-bytes",
    "plots",
    "scripts",
    "scripts-bytes",
    "stages",
    "tree-bytes",
    "tree-paths",
    "values-bytes",
    "work-steps",
    "yaml-nodes",
]
Distance = Annotated[float, msgspec.Meta(ge=0, examples=[0.01])]


class PolicyMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which way a metric is better, and how much worse is tolerated."""

    better: Annotated[
        Literal["higher", "lower"] | None,
        msgspec.Meta(description="Which way the metric is better."),
    ] = None
    tolerance: Annotated[
        Distance | Share,
        msgspec.Meta(
            description="How much worse is tolerated: a distance, or a share of the old value."
        ),
    ] = 0.0


class PolicyData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of its size or files data may lose."""

    tolerance: Annotated[
        Part, msgspec.Meta(description="The share of its size, or of its files, that may be lost.")
    ]


class PolicySilenced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings that are known and not told, and why."""

    rule: Annotated[str, msgspec.Meta(min_length=1, description="The rule's name.")]
    reason: Annotated[
        str, msgspec.Meta(pattern=r"\S", description="Why, for whoever reads it later.")
    ]
    path: Annotated[
        Glob | None,
        msgspec.Meta(
            description="A glob of the findings' files, or of the paths and stages that they are "
            "about. Without it all findings of the rule are silenced."
        ),
    ] = None


class PolicyMlflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the runs of an MLflow server are linked with commits."""

    commit: Annotated[
        list[MlflowKey],
        msgspec.Meta(
            description="Tags and params that name a run's commit; the first that it has counts.",
            min_length=1,
        ),
    ]


class PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The configuration of lineage-diff, read from the tip of the base branch."""

    models: Annotated[
        list[Glob], msgspec.Meta(description="Globs of the paths that are models.")
    ] = []
    metrics: Annotated[
        dict[Glob, PolicyMetric],
        msgspec.Meta(description="By a glob of their keys, how metrics are judged."),
    ] = {}
    data: Annotated[
        dict[Glob, PolicyData],
        msgspec.Meta(
            description="By a glob of their paths, how much data may shrink; 20% without an entry."
        ),
    ] = {}
    rules: Annotated[
        dict[str, Severities],
        msgspec.Meta(description="The severity of each rule by its name; `off` silences it."),
    ] = {}
    silence: Annotated[
        list[PolicySilenced],
        msgspec.Meta(description="Findings that are known and not told, each with its reason."),
    ] = []
    fetch: Annotated[
        list[Fetched],
        msgspec.Meta(
            description="What is fetched, where Git does not hold it, from the storage that the "
            "base branch names: small files only, nothing without this key."
        ),
    ] = []
    limits: Annotated[
        dict[LimitKey, Limit],
        msgspec.Meta(
            description="Bounds of what is read; docs/security.md has their usual values."
        ),
    ] = {}
    ignore: Annotated[
        list[Glob], msgspec.Meta(description="Globs of the paths that are left out.")
    ] = []
    mlflow: Annotated[
        PolicyMlflow | msgspec.UnsetType,
        msgspec.Meta(description="How the runs of an MLflow server are linked with commits."),
    ] = msgspec.UNSET


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration, for editors and `check-jsonschema`."""
    (schema,), components = msgspec.json.schema_components(
        [PolicyFile], ref_template="#/$defs/{name}"
    )
    # msgspec leaves it out.
    names = {"enum": list(get_args(LimitKey))}
    components["PolicyFile"]["properties"]["limits"]["propertyNames"] = names
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lineage-diff",
        **schema,
        "$defs": components,
    }
