"""The plots of two commits: what `dvc plots diff --json` gives in the same repository."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.render.plots.vega_spec import specification
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.plot_repo import plot_repo

Answer = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    return plot_repo(tmp_path_factory.mktemp("plots") / "repo", shell)


@pytest.fixture(scope="module")
def answer(repo: DvcRepo) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "plots", "diff", "--json", "before", "after"],
        cwd=repo.root,
        capture_output=True,
        check=True,
        env=dvc_environment(),
    )
    found: Answer = json.loads(done.stdout)["data"]
    return found


@pytest.fixture(scope="module")
def report(repo: DvcRepo) -> Report:
    return compare_revisions(Request(repo.path, "before", "after", direct=True)).report


def test_all_of_its_plots_are_there_but_those_that_did_not_change(
    report: Report, answer: Answer
) -> None:
    assert {drawing.id for drawing in report.drawings} == answer.keys() - {"unchanged.csv"}
    assert not [drawing for drawing in report.drawings if drawing.unknown]


def test_each_is_drawn_as_dvc_draws_it(report: Report, answer: Answer) -> None:
    vega = [drawing for drawing in report.drawings if drawing.kind == "vega"]
    assert {drawing.template for drawing in vega} >= {
        "linear",
        "simple",
        "confusion",
        "confusion_normalized",
        "scatter",
        "bar_horizontal",
        "mine",
    }
    for drawing in vega:
        assert answer[drawing.id], drawing
        (theirs,) = answer[drawing.id]
        ours = json.loads(json.dumps(specification(drawing)))
        columns = frozenset(drawing.columns) | _made(ours)
        assert _told(ours, columns) == _told(theirs["content"], columns), drawing.id
        assert {row["rev"] for row in ours["data"]["values"]} == set(theirs["revisions"])


def test_images_are_the_files_of_both_commits(
    repo: DvcRepo, report: Report, answer: Answer
) -> None:
    images = [drawing for drawing in report.drawings if drawing.kind == "image"]
    assert len(images) == 2
    for drawing in images:
        theirs = {
            item["revisions"][0]: Path(item["url"]).read_bytes() for item in answer[drawing.id]
        }
        assert {image.side: image.content for image in drawing.images} == theirs


def _made(spec: Mapping[str, Any]) -> frozenset[str]:
    """The columns that a template's filling adds."""
    return frozenset(key for row in spec["data"]["values"] for key in row)


def _told(spec: Mapping[str, Any], columns: frozenset[str]) -> Any:
    rows = [
        {key: cell for key, cell in row.items() if key in columns and cell is not None}
        for row in spec["data"]["values"]
    ]
    return {**spec, "data": rows}


def test_a_drawing_without_its_template_is_none() -> None:
    from lineage_diff.render.plots.vega_spec import NoSpecificationError

    with pytest.raises(NoSpecificationError):
        specification(Drawing("a", "vega", ("a",), template="/etc/passwd"))
