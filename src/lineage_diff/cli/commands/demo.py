"""`lineage-diff demo`: a real repository with a pull request in it, compared."""

import argparse
import shlex
import shutil
import sys
from pathlib import Path

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.demo.repository import BRANCH, DemoError, build
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS
from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import Pictures, ShowOptions

LIGHT, DARK = "graph-light.png", "graph-dark.png"
STEPS = {
    "init": "Making a Git and DVC repository …",
    "main": "Training two models on main (dvc repro) …",
    "branch": f"Changing data, a param and two scripts on {BRANCH}, and retraining one model …",
}


def run(arguments: argparse.Namespace) -> int:
    """Make the repository, compare its branch with main, write everything, say where it is."""
    folder = Path(arguments.folder)
    try:
        build(folder, lambda name: print(STEPS[name], flush=True))
    except (DemoError, OSError) as error:
        raise InputError(
            f"the demo could not be made: {error}",
            mend="Run `lineage-diff demo DIR` with an empty or new folder; Git must be installed.",
        ) from error
    report = compare_revisions(Request(repo=folder, base="main", head=BRANCH)).report
    pictures = Pictures(LIGHT, DARK)
    written = {
        "comment.md": ("markdown", ShowOptions(pictures=pictures)),
        "comment-mermaid.md": ("markdown", ShowOptions()),
        LIGHT: ("png", ShowOptions(theme="light")),
        DARK: ("png", ShowOptions(theme="dark")),
        "graph-light.svg": ("svg", ShowOptions(theme="light")),
        "graph-dark.svg": ("svg", ShowOptions(theme="dark")),
        "report.json": ("json", ShowOptions()),
        "report.txt": ("terminal", ShowOptions()),
    }
    target = folder / "lineage-diff"
    target.mkdir()
    for name, (kind, options) in written.items():
        (target / name).write_bytes(FORMATS[kind].render(report, options))
    print((target / "report.txt").read_text(encoding="utf-8"))
    print("Written:")
    for name in written:
        print(f"  {target / name}")
    print("Look again:")
    print(f"  {_command()} compare main {BRANCH} --repo {shlex.quote(str(folder))}")
    return PASS


def _command() -> str:
    """Return what to type for this program: its path where the shell would not find it."""
    if shutil.which("lineage-diff") or not sys.argv[0].endswith("lineage-diff"):
        return "lineage-diff"
    return shlex.quote(sys.argv[0])
