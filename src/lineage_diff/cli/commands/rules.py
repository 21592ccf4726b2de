"""`lineage-diff rules`: list the rules, or explain one."""

import argparse

from lineage_diff.cli.arguments import help_epilog
from lineage_diff.exit_codes import PASS

# Columns of the severity, with the gaps beside it, and the fewest of a summary.
_SEVERITY = 11
_LEAST_SUMMARY = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = "Lists the rules, or explains one."
    parser.epilog = help_epilog(
        "exit codes: 0 shown, 2 no such rule",
        "lineage-diff rules",
        "lineage-diff rules stale-model",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="explain this rule")


def run(arguments: argparse.Namespace) -> int:
    """List the rules, or explain the named one. Raises `InputError` for an unknown name."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.output import columns
    from lineage_diff.render.links import page, rule_page
    from lineage_diff.render.templates import render
    from lineage_diff.rules.registry import all_rules, rule_named

    if arguments.name is None:
        rules = all_rules()
        width = max(len(rule.name) for rule in rules)
        room = max(columns() - width - _SEVERITY, _LEAST_SUMMARY)
        text = render("rules.rich.j2", rules=rules, width=width, room=room)
        _print(text, page("docs/rules/index.md"))
        return PASS
    rule = rule_named(arguments.name)
    _print(render("rule.rich.j2", rule=rule), rule_page(rule.name))
    return PASS


def _print(markup: str, address: str) -> None:
    """Print a text and an address, which stays in one line of a narrow terminal."""
    from lineage_diff.cli.output import color_wanted, columns
    from lineage_diff.render.terminal import console_text

    print(console_text(markup, color=color_wanted("auto"), width=columns()), end="")
    print(address)
