"""The names of all rules, which are loaded only where a configuration may name some."""


def rule_names() -> tuple[str, ...]:
    """Return the names of all rules."""
    # Saves the rules for what only names this function.
    from lineage_diff.rules.engine import all_rules

    return tuple(rule.name for rule in all_rules())
