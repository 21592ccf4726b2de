"""`lineage-diff init`: a configuration and a workflow for a repository."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lineage_diff.app.init import starter_files
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS


def run(arguments: argparse.Namespace) -> int:
    """Write the files; none where one of them is there already, unless forced."""
    root, texts = starter_files(arguments.repo)
    _check(Path(root), texts, arguments.force)
    for name, text in texts.items():
        path = Path(root, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"cannot write it: {error.strerror}", mend="Check who may write there.", file=name
            ) from error
        print(f"Written: {name}")
    return PASS


def _check(root: Path, names: Iterable[str], force: bool) -> None:
    for name in names:
        path = root / name
        if path.resolve() != root.resolve() / name:
            raise InputError(
                "a symbolic link leads elsewhere", mend="Remove the link first.", file=name
            )
        if path.exists() and not force:
            raise InputError(
                "the file is there already", mend="Add --force to overwrite it.", file=name
            )
