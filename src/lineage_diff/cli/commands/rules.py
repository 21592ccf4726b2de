"""`lineage-diff rules`: what is checked, and how to mend what is found."""

import argparse

from lineage_diff.cli.output import color_wanted, columns
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS
from lineage_diff.render.templates import render
from lineage_diff.render.terminal import console_text
from lineage_diff.rules.engine import all_rules
from lineage_diff.text import near_names


def run(arguments: argparse.Namespace) -> int:
    """List the rules, or explain the one that is named. Raises `InputError` if there is none."""
    rules = {rule.name: rule for rule in all_rules()}
    if arguments.name is None:
        _print(render("rules.rich.j2", rules=rules.values(), width=max(map(len, rules))))
        return PASS
    if arguments.name not in rules:
        close = near_names(arguments.name, rules, 3) or sorted(rules)
        raise InputError(
            f"there is no rule {arguments.name!r}", mend=f"There is: {', '.join(close)}."
        )
    _print(render("rule.rich.j2", rule=rules[arguments.name]))
    return PASS


def _print(markup: str) -> None:
    print(console_text(markup, color=color_wanted("auto"), width=columns()), end="")
