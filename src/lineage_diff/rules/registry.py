"""All rules, sorted by name: one for each file in the folders of this package."""

from collections.abc import Iterator
from importlib import import_module

from lineage_diff import rules
from lineage_diff.errors import InputError
from lineage_diff.rules.rule import Rule
from lineage_diff.rules.rule_names import THEMES
from lineage_diff.text import closest_matches


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name."""
    return _RULES


def rule_named(name: str) -> Rule:
    """Return a rule. Raises `InputError` for an unknown name, with the closest matches."""
    found = {rule.name: rule for rule in _RULES}
    if name not in found:
        close = closest_matches(name, found, 3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`lineage-diff rules` lists all."
        raise InputError(f"there is no rule {name!r}", hint=hint)
    return found[name]


def _find_rules() -> Iterator[Rule]:
    for theme, names in THEMES.items():
        for name in names:
            module = import_module(f"{rules.__name__}.{theme}.{name.replace('-', '_')}")
            yield module.RULE


_RULES: tuple[Rule, ...] = tuple(sorted(_find_rules(), key=lambda rule: rule.name))
