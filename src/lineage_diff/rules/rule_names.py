"""The names of all rules, which are loaded only for a configuration."""


def rule_names() -> tuple[str, ...]:
    """Return the names of all rules."""
    # Imported here, so that callers load the rules only when they need the names.
    from lineage_diff.rules.engine import all_rules

    return tuple(rule.name for rule in all_rules())
