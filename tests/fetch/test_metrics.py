"""Metrics that DVC keeps, read from its cache or its remote: the values are DVC's."""

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.dvc.hashes import file_hash
from tests.fetch.reading import MISSING, compared, cut_short, locked, saved, unknown
from tests.oracle.dvc_judge import DvcJudge, dvc_metrics_diff
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.dvc_repos import top_level
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import metric_layouts, object_path


def test_without_fetching_they_are_unknown(stored: GitRepo) -> None:
    report = compared(stored)
    assert report["metrics"] == {}
    assert {"m.json", "live"} <= unknown(report).keys()


@pytest.mark.parametrize("build", [metric_layouts, top_level])
def test_a_history_is_told_as_by_dvc(
    tmp_path: Path, shell: DvcShell, build: Callable[[Path, DvcShell], DvcRepo]
) -> None:
    repo = build(tmp_path / "repo", shell)
    commits = repo.git("rev-list", "--reverse", "HEAD").splitlines()
    with DvcJudge(repo.root) as dvc:
        for base, head in pairwise(commits):
            report = compared(repo, "metrics", base=base, head=head)
            assert report["metrics"] == dvc_metrics_diff(dvc, base, head)


@pytest.mark.parametrize("place", ["remote", "cache"])
def test_fetched_values_are_those_of_dvc(stored: GitRepo, pushed_folder: Path, place: str) -> None:
    if place == "cache":
        shutil.rmtree(stored.path.parent / "store")
        shutil.copytree(pushed_folder / "repo" / ".dvc" / "cache", stored.path / ".dvc" / "cache")
    with DvcJudge(pushed_folder / "repo") as dvc:
        theirs = dvc_metrics_diff(dvc, "v1", "v2")
    report = compared(stored, "metrics")
    assert report["metrics"] == theirs
    assert set(theirs) == {"m.json", "live/a.json"}
    assert unknown(report).keys().isdisjoint(theirs)


def test_files_as_dvc_2_kept_them(stored: GitRepo) -> None:
    """Without `hash: md5` the hash is of the text with LF, and objects lie at the top."""
    content = b'{"auc": 0.5}\r\n'
    value = file_hash(content, "md5-dos2unix")
    assert value != file_hash(content, "md5")
    file = stored.path.parent / "store" / value[:2] / value[2:]
    file.parent.mkdir()
    file.write_bytes(content)
    lock = stored.git("show", "v2:dvc.lock").replace("      hash: md5\n", "")
    head = saved(stored, "dvc.lock", lock.replace(locked(stored, "v2", "m.json"), value) + "\n")
    report = compared(stored, "metrics", head=head)
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.5


def test_a_fetched_metric_that_is_no_number_any_more_got_worse(stored: GitRepo) -> None:
    content = b'{"auc": [0.5], "loss": {"train": null}}'
    value = file_hash(content, "md5")
    object_path(stored.path.parent / "store", value).parent.mkdir(exist_ok=True)
    object_path(stored.path.parent / "store", value).write_bytes(content)
    lock = stored.git("show", "v2:dvc.lock")
    head = saved(stored, "dvc.lock", lock.replace(locked(stored, "v2", "m.json"), value) + "\n")
    report = compared(stored, "metrics", head=head)
    notes = {(note["file"], note["key"]): note["note"] for note in report["metric_notes"]}
    assert notes["m.json", "auc"] == notes["m.json", "loss.train"] == "no-number"


def test_the_base_asks_for_it(stored: GitRepo) -> None:
    base = saved(stored, ".github/lineage-diff.yml", "fetch: [metrics]\n")
    head = saved(stored, "dvc.lock", stored.git("show", "v1:dvc.lock") + "\n")
    done = compare_revisions(Request(stored.path, base, head, direct=True))
    assert {key: row["new"] for key, row in done.report.metrics["m.json"].items()} == {
        "auc": 0.9,
        "loss.train": 1,
        "new": None,
    }


def test_the_head_cannot_turn_it_on(stored: GitRepo) -> None:
    head = saved(stored, ".github/lineage-diff.yml", "fetch: [metrics]\n")
    done = compare_revisions(Request(stored.path, "v1", head, direct=True))
    assert done.report.metrics == {}


def test_a_side_that_is_not_at_hand_leaves_both_unknown(stored: GitRepo) -> None:
    object_path(stored.path.parent / "store", locked(stored, "v1", "m.json")).unlink()
    report = compared(stored, "metrics")
    # `live/a.json` is the same file.
    assert report["metrics"] == {}
    assert unknown(report)["m.json"] == unknown(report)["live/a.json"] == MISSING
    assert not [item for item in report["findings"] if item["rule"] == "metric-missing"]


def test_what_was_cut_short_is_not_believed(stored: GitRepo) -> None:
    cut_short(stored, locked(stored, "v2", "m.json"))
    report = compared(stored, "metrics")
    assert report["metrics"] == {}
    assert "cut short or changed" in unknown(report)["m.json"]


def test_the_rule_that_asks_for_metrics_in_git_is_satisfied(stored: GitRepo) -> None:
    def told(report: dict[str, Any]) -> bool:
        return any(item["rule"] == "cached-metric" for item in report["findings"])

    assert told(compared(stored))
    assert not told(compared(stored, "metrics"))
