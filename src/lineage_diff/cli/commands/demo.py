"""`lineage-diff demo`: create an example repository with a pull request, and compare it."""

import argparse
import shlex
import shutil
import sys
from pathlib import Path

from lineage_diff.cli.arguments import help_epilog
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS
from lineage_diff.render.formats import formats_by_suffix

LIGHT, DARK = "graph-light.png", "graph-dark.png"
AUDIT = "audit.html"
STEPS = {
    "init": "Creating a Git and DVC repository …",
    "main": "Training two models on main (dvc repro) …",
    "branch": "Changing data, a param and two scripts on {}, and retraining one model …",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Creates a Git and DVC repository, trains two models in it, changes data, a param and two "
        "scripts on a branch, compares the branch with main, and writes the comment, images, "
        "report and audit. Needs no network; takes a few seconds."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 created, 2 the folder is not empty or a tool failed",
        "lineage-diff demo",
        "lineage-diff demo /tmp/demo",
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        default="lineage-diff-demo",
        help="a new or empty folder (default: lineage-diff-demo)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Create the repository, compare its branch with main, and print the written files."""
    # Imported late: `--help` does not need it.
    from lineage_diff.app.audit.questions import audit
    from lineage_diff.app.audit.request import AuditRequest
    from lineage_diff.app.compare import Request, compare_revisions
    from lineage_diff.demo.repository import BRANCH, DemoError, build
    from lineage_diff.history.reader import open_history
    from lineage_diff.render.options import Pictures, ShowOptions
    from lineage_diff.render.rendering import render_audit, render_report

    folder = Path(arguments.folder)
    try:
        build(folder, lambda name: print(STEPS[name].format(BRANCH), flush=True))
    except (DemoError, OSError) as error:
        raise InputError(
            f"cannot create the demo: {error}",
            hint="Name a new or empty folder, `lineage-diff demo DIR`, and have Git installed.",
        ) from error
    report = compare_revisions(Request(repo=folder, base="main", head=BRANCH)).report
    pictures = Pictures(LIGHT, DARK)
    written = {
        "comment.md": ShowOptions(pictures=pictures),
        "comment-mermaid.md": ShowOptions(),
        LIGHT: ShowOptions(theme="light"),
        DARK: ShowOptions(theme="dark"),
        "graph-light.svg": ShowOptions(theme="light"),
        "graph-dark.svg": ShowOptions(theme="dark"),
        "report.json": ShowOptions(),
        "report.html": ShowOptions(),
        "report.txt": ShowOptions(),
    }
    formats = formats_by_suffix("report")
    target = folder / "lineage-diff"
    target.mkdir()
    # The files are no part of the repository.
    (target / ".gitignore").write_text("*\n", encoding="utf-8")
    for name, options in written.items():
        shown = render_report(formats[Path(name).suffix], report, options)
        (target / name).write_bytes(shown)
    (target / AUDIT).write_bytes(
        render_audit("html", audit(AuditRequest(open_history(folder))), ShowOptions())
    )
    print((target / "report.txt").read_text(encoding="utf-8"))
    print("Written:")
    for name in (*written, AUDIT):
        print(f"  {target / name}")
    print("Open in a browser:")
    for name in ("report.html", AUDIT):
        print(f"  {(target / name).resolve().as_uri()}")
    print("Look again:")
    print(f"  {_command()} compare main {BRANCH} --repo {shlex.quote(str(folder))}")
    return PASS


def _command() -> str:
    """Return the command to type: the program's path if it is not on `PATH`."""
    if shutil.which("lineage-diff") or not sys.argv[0].endswith("lineage-diff"):
        return "lineage-diff"
    return shlex.quote(sys.argv[0])
