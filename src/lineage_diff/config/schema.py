"""The types of the configuration file; the published JSON Schema is generated from them."""

from typing import Annotated, Any, Literal, get_args

import msgspec

from lineage_diff.lineage.policy import (
    Checked,
    ConditionName,
    Fetched,
    Requirement,
    ShownExperiments,
)

# A URL, the short form of SSH, or a host with a path.
Address = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([a-z+]+://\S+|\S+@\S+:\S+|[^\s/:@]+\.[^\s/:@]+[:/]\S+)$",
        examples=["github.com/owner/name"],
    ),
]
# A folder, or an address without a login: `organization.address` checks it.
Store = Annotated[
    str, msgspec.Meta(pattern=r"^\S(.*\S)?$", max_length=1_000, examples=["s3://bucket/lineage"])
]
Glob = Annotated[str, msgspec.Meta(min_length=1, examples=["models/**/*.pkl"])]
# The keys that MLflow accepts (`mlflow.utils.validation`).
MlflowKey = Annotated[
    str, msgspec.Meta(pattern=r"^[/\w.\- :]+$", max_length=250, examples=["dvc_commit"])
]
Severities = Literal["error", "warning", "info", "off"]
Tolerance = Annotated[
    str, msgspec.Meta(pattern=r"^(auto|[0-9]+(\.[0-9]+)?%)$", examples=["1%", "auto"])
]
Part = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,2}(\.[0-9]+)?|100)%$", examples=["50%"])]
Limit = Annotated[int, msgspec.Meta(ge=1, examples=[20_000_000])]
# `lineage_diff.limits.KEYS` in a form for the type checker.
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
    """The better direction of a metric, and how much worse it may get."""

    better: Annotated[
        Literal["higher", "lower"] | None,
        msgspec.Meta(description="The better direction of the metric."),
    ] = None
    tolerance: Annotated[
        Distance | Tolerance,
        msgspec.Meta(
            description="How much worse it may get: a distance, a share of the old value, or "
            "`auto`, the spread of its values in the history."
        ),
    ] = "auto"
    min: Annotated[
        float | None,
        msgspec.Meta(
            description="The lowest value that passes. A lower one fails, even if the change did "
            "not cause it."
        ),
    ] = None
    max: Annotated[
        float | None,
        msgspec.Meta(
            description="The highest value that passes. A higher one fails, even if the change did "
            "not cause it."
        ),
    ] = None
    gate: Annotated[
        Severities | None,
        msgspec.Meta(
            description="The severity of a loss, and of a value beyond `min` or `max`; by default "
            "that of the rules `metric-regressed` and `metric-limit`."
        ),
    ] = None


class PolicyData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of its size, or of its files, data may lose."""

    tolerance: Annotated[
        Part, msgspec.Meta(description="The share of its size, or of its files, that may be lost.")
    ]


class SuppressionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings to suppress, with a reason."""

    rule: Annotated[str, msgspec.Meta(min_length=1, description="The rule's name.")]
    reason: Annotated[
        str, msgspec.Meta(pattern=r"\S", description="The reason for suppressing the findings.")
    ]
    path: Annotated[
        Glob | None,
        msgspec.Meta(
            description="A glob of the findings' files, or of the paths and stages that they "
            "concern. Without it, all findings of the rule are suppressed."
        ),
    ] = None


class PolicyMlflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to link the runs of an MLflow server with commits."""

    commit: Annotated[
        list[MlflowKey],
        msgspec.Meta(
            description="Tags and params with a run's commit; the first one that a run has counts.",
            min_length=1,
        ),
    ]


# `churn#prod` assigns the stage `prod`: the names that GTO accepts.
StageName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9\-/_]*[a-zA-Z0-9])?$", max_length=100, examples=["prod"]
    ),
]
_BRANCHES = msgspec.Meta(
    description="Globs of the branches that may promote; by default the default branch.",
    min_length=1,
)
_CONDITIONS = msgspec.Meta(
    description="Whether a condition is `required`, required `unless-unknown`, or `off`. Without "
    "an entry it is required."
)


class PolicyStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings for promotions to one stage that differ from the others."""

    branches: Annotated[list[Glob], _BRANCHES] | None = None
    conditions: Annotated[dict[ConditionName, Requirement], _CONDITIONS] = {}


class PolicyPromotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The conditions of a promotion, read from the default branch."""

    branches: Annotated[list[Glob], _BRANCHES] | None = None
    stages: Annotated[
        list[StageName],
        msgspec.Meta(
            description="The stages in the order that a version goes through; by default any order."
        ),
    ] = []
    conditions: Annotated[dict[ConditionName, Requirement], _CONDITIONS] = {}
    silenced: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1)]],
        msgspec.Meta(description="The rules that an ignore comment may suppress."),
    ] = []
    to: Annotated[
        dict[StageName, PolicyStage],
        msgspec.Meta(description="Other `branches` and `conditions` for single stages."),
    ] = {}


_HEX = r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$"
# No part begins with a dash, and none is `..`.
_PART = r"(?:[A-Za-z0-9_]|\.(?!\.))[A-Za-z0-9_.-]*"
_SHARED_PATH = rf"^{_PART}(?:/{_PART})*$"


class PolicyExtends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A configuration file of another repository, at one commit, with one content."""

    repository: Annotated[
        str,
        msgspec.Meta(
            description="The repository, on the same server.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.\.?$)[A-Za-z0-9_.-]+$",
            max_length=200,
            examples=["my-org/policy"],
        ),
    ]
    commit: Annotated[str, msgspec.Meta(description="The full id of the commit.", pattern=_HEX)]
    sha256: Annotated[
        str,
        msgspec.Meta(description="The SHA-256 of the file's bytes.", pattern=r"^[0-9a-f]{64}$"),
    ]
    path: Annotated[
        str,
        msgspec.Meta(
            description="The path of the file in that commit.",
            pattern=_SHARED_PATH,
            max_length=200,
        ),
    ] = "lineage-diff.yml"


class PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The configuration of lineage-diff, read from the tip of the base branch."""

    extends: Annotated[
        PolicyExtends | msgspec.UnsetType,
        msgspec.Meta(
            description="A shared configuration below this one. Lists of both follow each other; "
            "of mappings and single values those of this file count, entry by entry."
        ),
    ] = msgspec.UNSET
    models: Annotated[list[Glob], msgspec.Meta(description="Globs of the paths of models.")] = []
    metrics: Annotated[
        dict[Glob, PolicyMetric],
        msgspec.Meta(description="How to evaluate metrics, by a glob of their keys."),
    ] = {}
    data: Annotated[
        dict[Glob, PolicyData],
        msgspec.Meta(
            description="How much data may shrink, by a glob of its paths; 20% without an entry."
        ),
    ] = {}
    rules: Annotated[
        dict[str, Severities],
        msgspec.Meta(description="The severity of each rule by its name; `off` disables the rule."),
    ] = {}
    silence: Annotated[
        list[SuppressionEntry],
        msgspec.Meta(description="Findings to suppress, each with a reason."),
    ] = []
    fetch: Annotated[
        list[Fetched],
        msgspec.Meta(
            description="The small files to fetch, if they are not in Git, from the storage in "
            "the base branch's configuration. By default nothing is fetched."
        ),
    ] = []
    check: Annotated[
        list[Checked],
        msgspec.Meta(
            description="The checks that ask the storage in the base branch's configuration: "
            "`pushed` looks for the versions that a change introduces. By default it is not asked."
        ),
    ] = []
    limits: Annotated[
        dict[LimitKey, Limit],
        msgspec.Meta(description="Limits of reading; docs/security.md has their default values."),
    ] = {}
    ignore: Annotated[list[Glob], msgspec.Meta(description="Globs of the paths to leave out.")] = []
    experiments: Annotated[
        ShownExperiments,
        msgspec.Meta(
            description="The experiments of DVC that the report of a change compares with it, of "
            "those that began at one of its commits: all, the promoted ones, or none."
        ),
    ] = "none"
    repository: Annotated[
        Address | None,
        msgspec.Meta(
            description="The address of this repository in reports and exports; by default that "
            "of the remote `origin`."
        ),
    ] = None
    organization: Annotated[
        Store | None,
        msgspec.Meta(
            description="The folder or the address of the tables of all repositories, for "
            "`lineage-diff org`, and for the comment to name who else uses what changes."
        ),
    ] = None
    mlflow: Annotated[
        PolicyMlflow | msgspec.UnsetType,
        msgspec.Meta(description="How to link the runs of an MLflow server with commits."),
    ] = msgspec.UNSET
    mention: Annotated[
        bool,
        msgspec.Meta(
            description="Whether the comment notifies the owners of the models that a change "
            "affects. By default their names are shown without a message to them."
        ),
    ] = False
    redact: Annotated[
        list[Glob],
        msgspec.Meta(
            description="Globs of the paths whose names are kept out of the tables of an "
            "organization."
        ),
    ] = []
    promotion: Annotated[
        PolicyPromotion | msgspec.UnsetType,
        msgspec.Meta(description="The conditions of a promotion, for `lineage-diff gate`."),
    ] = msgspec.UNSET


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration, for editors and `check-jsonschema`."""
    (schema,), components = msgspec.json.schema_components(
        [PolicyFile], ref_template="#/$defs/{name}"
    )
    # msgspec does not generate `propertyNames`.
    names = {"enum": list(get_args(LimitKey))}
    components["PolicyFile"]["properties"]["limits"]["propertyNames"] = names
    for kind in ("PolicyPromotion", "PolicyStage"):
        conditions = components[kind]["properties"]["conditions"]
        conditions["propertyNames"] = {"enum": list(get_args(ConditionName))}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lineage-diff",
        **schema,
        "$defs": components,
    }
