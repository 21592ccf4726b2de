"""A plain folder in which DVC keeps files, as plots or as params: what the real DVC reads there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.plots import Drawing
from tests.oracle.dvc_judge import DvcJudge, dvc_params_diff
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment

SHORT, LONG = "n,v\n1,1\n", "n,v\n1,1\n2,5\n"
COPY = "cp s.csv out/a.csv && cp s.csv out/b.csv"
DEEP = "mkdir -p out/deep && cp s.csv out/deep/a.csv"
FORMS = {
    "cached": (COPY, "[out/a.csv, out/b.csv]"),
    "in Git": (COPY, "[out/a.csv: {cache: false}, out/b.csv: {cache: false}]"),
    "one of each": (COPY, "[out/a.csv, out/b.csv: {cache: false}]"),
    "a folder in it": (DEEP, "[out/deep]"),
}
PLOTS = "plots:\n- out:\n    x: n\n    y: v\n"


def dvc_plots(repo: DvcRepo, *commits: str) -> dict[str, int]:
    """Return the number of points of each plot of `dvc plots diff --json` that has any."""
    printed = subprocess.run(
        [sys.executable, "-m", "dvc", "plots", "diff", "--json", *commits],
        cwd=repo.root,
        env=dvc_environment(),
        capture_output=True,
        check=True,
    ).stdout
    found: dict[str, list[dict[str, Any]]] = json.loads(printed)["data"]
    return {
        name: len(item["content"]["data"]["values"])
        for name, items in found.items()
        for item in items
        if isinstance(item.get("content"), dict)
    }


def drawings(repo: DvcRepo, base: str, head: str, *fetch: Any) -> dict[str, Drawing]:
    request = Request(repo.path, base, head, direct=True, fetch=fetch)
    return {drawing.id: drawing for drawing in compare_revisions(request).report.drawings}


def _make(repo: DvcRepo, form: str, data: str) -> None:
    repo.files({"s.csv": data})
    if form == "added":
        repo.files({"out/a.csv": data, "out/b.csv": data})
        repo.dvc("add", "-q", "out/a.csv", "out/b.csv")
    else:
        repo.dvc("repro", "-q")


@pytest.mark.parametrize("form", [*FORMS, "added"])
def test_a_plots_folder_is_drawn_or_unknown(form: str, shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    cmd, outs = FORMS.get(form, ("", ""))
    stage = f"  a:\n    cmd: {cmd}\n    deps: [s.csv]\n    outs: {outs}\n" if cmd else ""
    repo.files({"dvc.yaml": f"stages:{'' if stage else ' {}'}\n{stage}", "out/.gitignore": ""})
    _make(repo, form, SHORT)
    commits = [repo.save("Make")]
    repo.files({"dvc.yaml": (repo.root / "dvc.yaml").read_text() + PLOTS})
    commits.append(repo.save("Plot"))
    _make(repo, form, LONG)
    commits.append(repo.save("Change"))
    for base, head in (commits[:2], commits[1:]):
        theirs = dvc_plots(repo, base, head)
        ours = drawings(repo, base, head, "plots")
        assert {name: len(drawing.rows) for name, drawing in ours.items()} == theirs
        alone = drawings(repo, base, head)
        for name in theirs:
            here = alone.get(name) or alone["out/deep"]
            assert here.unknown is not None or len(here.rows) == theirs[name]


def test_a_params_folder_holds_no_files_of_dvc(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    base = repo.save("Nothing")
    repo.files({"dvc.yaml": "params: [conf]\n", "conf/a.yaml": "a: 1\n", "conf/b.yaml": "b: 2\n"})
    repo.files({"conf/deep/dvc.yaml": "stages: {}\n", "conf/deep/c.json": '{"c": 3}\n'})
    repo.dvc("add", "-q", "conf/b.yaml")
    head = repo.save("Params")
    with DvcJudge(repo.root) as judge:
        theirs = dvc_params_diff(judge, base, head)
    report = compare_revisions(Request(repo.path, base, head, direct=True)).report
    ours = {path: {key: dict(v) for key, v in keys.items()} for path, keys in report.params.items()}
    # The cache is there, and only DVC reads it unasked.
    assert theirs.pop("conf/b.yaml") == {"b": {"old": None, "new": 2}}
    assert ours == theirs
    assert "conf/b.yaml" in {item.subject for item in report.unknowns}
