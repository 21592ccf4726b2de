"""`lineage-diff completion`: print the completion script of a shell."""

import argparse

from lineage_diff.cli.arguments import help_epilog
from lineage_diff.exit_codes import PASS

SHELLS = ("bash", "zsh", "fish")
# Prints the short names of all refs; silent outside of a repository.
_REFS = "git rev-parse --symbolic --branches --tags --remotes 2>/dev/null"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Prints the script that completes commands, options, files, revisions and rules in a shell."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 printed, 2 usage error",
        "source <(lineage-diff completion bash)      # in ~/.bashrc",
        'lineage-diff completion zsh > "${fpath[1]}/_lineage-diff"',
        "lineage-diff completion fish > ~/.config/fish/completions/lineage-diff.fish",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    # Imported late: no other command needs shtab, and this one needs all others.
    import shtab

    from lineage_diff.rules.rule_names import RULE_NAMES

    completions = {
        "FILE": shtab.FILE,
        "REPORT": shtab.FILE,
        "DIR": shtab.DIRECTORY,
        **dict.fromkeys(("BASE", "HEAD", "REV", "COMMIT"), shtab.cmd(_REFS)),
    }
    for action in arguments.parser.all_actions():
        if action.metavar == "NAME":
            action.choices = RULE_NAMES
        elif action.metavar in completions:
            action.complete = completions[action.metavar]
    print(shtab.complete(arguments.parser, arguments.shell))
    return PASS
