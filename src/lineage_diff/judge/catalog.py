"""All rules, by name."""

from lineage_diff.judge.rule import Rule
from lineage_diff.judge.rules import (
    cached_metric,
    cycle,
    data_removed,
    data_shrank,
    duplicate_key,
    invalid_pipeline,
    legacy_lock,
    lock_conflict,
    metric_missing,
    metric_regressed,
    missing_dep,
    missing_object,
    model_removed,
    model_without_lineage,
    newer_lock,
    orphaned_lock,
    overlapping_outs,
    policy_changed,
    stale_model,
    stale_stage,
    undeclared_dependency,
    undeclared_param,
    unlocked_stage,
    unpinned_import,
    unreachable_code,
    unresolved_variable,
)
from lineage_diff.judge.rules.idle_ignore import idle_ignore


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name."""
    return _RULES


_MODULES = (
    cached_metric,
    cycle,
    data_removed,
    data_shrank,
    duplicate_key,
    invalid_pipeline,
    legacy_lock,
    lock_conflict,
    metric_missing,
    metric_regressed,
    missing_dep,
    missing_object,
    model_removed,
    model_without_lineage,
    newer_lock,
    orphaned_lock,
    overlapping_outs,
    policy_changed,
    stale_model,
    stale_stage,
    undeclared_dependency,
    undeclared_param,
    unlocked_stage,
    unpinned_import,
    unreachable_code,
    unresolved_variable,
)


def _names() -> tuple[str, ...]:
    return tuple(rule.name for rule in _RULES)


_RULES: tuple[Rule, ...] = tuple(
    sorted((*(module.RULE for module in _MODULES), idle_ignore(_names)), key=lambda rule: rule.name)
)
