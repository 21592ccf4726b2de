"""All rules, by name: one for each file of `rules/`."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from lineage_diff.judge import rules
from lineage_diff.judge.rule import Rule
from lineage_diff.judge.rules.idle_ignore import idle_ignore


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name."""
    return _RULES


def _names() -> tuple[str, ...]:
    return tuple(rule.name for rule in _RULES)


def _found() -> Iterator[Rule]:
    for entry in iter_modules(rules.__path__):
        module = import_module(f"{rules.__name__}.{entry.name}")
        # The rule on silencing comments needs the others' names, and is made when they are known.
        yield idle_ignore(_names) if entry.name == "idle_ignore" else module.RULE


_RULES: tuple[Rule, ...] = tuple(sorted(_found(), key=lambda rule: rule.name))
