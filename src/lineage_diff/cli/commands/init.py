"""`lineage-diff init`: write a configuration and a workflow for a repository."""

import argparse
from pathlib import Path

from lineage_diff.cli.arguments import add_repo, help_epilog
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Writes .github/lineage-diff.yml, with the models and metrics found, and "
        ".github/workflows/lineage-diff.yml. A file that exists is left as it is."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 done, 2 no DVC project, or a file cannot be written",
        "lineage-diff init",
        "lineage-diff init --repo ../other-project",
    )
    add_repo(parser)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def run(arguments: argparse.Namespace) -> int:
    """Write the files that are missing, or all with `--force`, and print what comes next.

    Raises `InputError` for a symbolic link or a failed write.
    """
    # Imported late: `--help` does not need it.
    from lineage_diff.app.init import starter_files
    from lineage_diff.render.templates import render

    folder, texts, there = starter_files(arguments.repo)
    root = Path(folder)
    for name in texts:
        _refuse_links(root, name)
    for name, text in texts.items():
        if name in there and not arguments.force:
            print(f"Kept: {name} (--force overwrites it)")
        else:
            _write(root, name, text)
            print(f"Written: {name}")
    print(render("init/next.j2", configuration=next(iter(texts))), end="")
    return PASS


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write the file: {error.strerror}", hint="Check the permissions.", file=name
        ) from error


def _refuse_links(root: Path, name: str) -> None:
    if (root / name).resolve() != root.resolve() / name:
        raise InputError(
            "the path leads through a symbolic link", hint="Remove the link first.", file=name
        )
