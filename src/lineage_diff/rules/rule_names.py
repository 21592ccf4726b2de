"""The names of all rules, known without loading the rules. A test holds them to the folders."""

from collections.abc import Mapping

THEMES: Mapping[str, tuple[str, ...]] = {
    "configuration": (
        "idle-ignore",
        "policy-changed",
    ),
    "data": (
        "data-removed",
        "data-shrank",
        "model-removed",
        "not-pushed",
        "push-unknown",
    ),
    "declarations": (
        "missing-dep",
        "model-without-lineage",
        "undeclared-dependency",
        "undeclared-param",
        "unpinned-import",
    ),
    "dvc_files": (
        "converted-file",
        "cycle",
        "duplicate-key",
        "invalid-pipeline",
        "legacy-lock",
        "lock-conflict",
        "missing-object",
        "newer-lock",
        "orphaned-lock",
        "overlapping-outs",
        "unresolved-variable",
    ),
    "freshness": (
        "edited-lock",
        "freshness-lost",
        "nondeterministic-stage",
        "same-result",
        "spliced-lock",
        "stale-model",
        "stale-stage",
        "unlocked-stage",
        "unreachable-code",
    ),
    "metrics": (
        "cached-metric",
        "metric-limit",
        "metric-missing",
        "metric-regressed",
        "unexplained-metric",
    ),
}
"""The rules of each folder."""

RULE_NAMES = tuple(sorted(name for names in THEMES.values() for name in names))
