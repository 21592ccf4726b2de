"""`lineage-diff rules`: what is checked, and how to mend what is found."""

import argparse
import difflib

from lineage_diff.exit_code import PASS
from lineage_diff.judge.judge import all_rules
from lineage_diff.read.errors import InputError
from lineage_diff.show.templates import render


def run(arguments: argparse.Namespace) -> int:
    """List the rules, or explain the one that is named. Raises `InputError` if there is none."""
    rules = {rule.name: rule for rule in all_rules()}
    if arguments.name is None:
        print(render("rules.txt.j2", rules=rules.values()), end="")
        return PASS
    if arguments.name not in rules:
        close = difflib.get_close_matches(arguments.name, rules, n=3) or sorted(rules)
        raise InputError(
            f"there is no rule {arguments.name!r}", mend=f"There is: {', '.join(close)}."
        )
    print(render("rule.txt.j2", rule=rules[arguments.name]), end="")
    return PASS
