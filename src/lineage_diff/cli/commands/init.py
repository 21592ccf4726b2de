"""`lineage-diff init`: write a configuration and a workflow for a repository."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lineage_diff.cli.arguments import add_repo, ending
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Writes .github/lineage-diff.yml, with the models and metrics found, and "
        ".github/workflows/lineage-diff.yml."
    )
    parser.epilog = ending(
        "exit codes: 0 written, 2 no DVC project, or a file already exists",
        "lineage-diff init",
        "lineage-diff init --repo ../other-project",
    )
    add_repo(parser)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def run(arguments: argparse.Namespace) -> int:
    """Write the files. Without `--force`, write none if one of them exists.

    Raises `InputError` for an existing file, a symbolic link, or a failed write.
    """
    # Imported late: `--help` does not need it.
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
                f"cannot write the file: {error.strerror}", hint="Check the permissions.", file=name
            ) from error
        print(f"Written: {name}")
    return PASS


def _check(root: Path, names: Iterable[str], force: bool) -> None:
    for name in names:
        path = root / name
        if path.resolve() != root.resolve() / name:
            raise InputError(
                "the path leads through a symbolic link", hint="Remove the link first.", file=name
            )
        if path.exists() and not force:
            raise InputError(
                "the file already exists", hint="Add --force to overwrite it.", file=name
            )
