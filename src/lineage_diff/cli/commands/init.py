"""`lineage-diff init`: a configuration and a workflow for a repository."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lineage_diff.cli.arguments import add_repo
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Writes .github/lineage-diff.yml, with the models and metrics that it finds, and "
        ".github/workflows/lineage-diff.yml."
    )
    parser.epilog = "exit codes: 0 written, 2 no DVC project, or a file is there already"
    add_repo(parser)
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def run(arguments: argparse.Namespace) -> int:
    """Write the files; none where one of them is there already, unless forced."""
    # Not for `--help`.
    from lineage_diff.app.init import starter_files

    root, texts = starter_files(arguments.repo)
    _check(Path(root), texts, arguments.force)
    for name, text in texts.items():
        path = Path(root, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"cannot write it: {error.strerror}", hint="Check who may write there.", file=name
            ) from error
        print(f"Written: {name}")
    return PASS


def _check(root: Path, names: Iterable[str], force: bool) -> None:
    for name in names:
        path = root / name
        if path.resolve() != root.resolve() / name:
            raise InputError(
                "a symbolic link leads elsewhere", hint="Remove the link first.", file=name
            )
        if path.exists() and not force:
            raise InputError(
                "the file is there already", hint="Add --force to overwrite it.", file=name
            )
