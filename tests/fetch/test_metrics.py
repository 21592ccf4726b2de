"""Metrics that DVC keeps, read from its cache or its remote: the values are DVC's."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.comparison import Request, compare_revisions
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.encode import encode
from tests.oracle.dvc_judge import DvcJudge, dvc_metrics_diff
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import object_path

MISSING = "neither the cache nor the remote `store` holds it"


def compared(repo: GitRepo, *fetch: Fetched, base: str = "v1", head: str = "v2") -> dict[str, Any]:
    request = Request(repo.path, base, head, direct=True, fetch=fetch)
    report: dict[str, Any] = json.loads(encode(compare_revisions(request).report))
    return report


def unknown(report: dict[str, Any]) -> dict[str, str]:
    return {item["subject"]: item["reason"] for item in report["unknowns"]}


def test_without_fetching_they_are_unknown(stored: GitRepo) -> None:
    report = compared(stored)
    assert report["metrics"] == {}
    assert {"m.json", "live"} <= unknown(report).keys()


@pytest.mark.parametrize("place", ["remote", "cache"])
def test_fetched_values_are_those_of_dvc(stored: GitRepo, pushed: Path, place: str) -> None:
    if place == "cache":
        shutil.rmtree(stored.path.parent / "store")
        shutil.copytree(pushed / "repo" / ".dvc" / "cache", stored.path / ".dvc" / "cache")
    with DvcJudge(pushed / "repo") as dvc:
        theirs = dvc_metrics_diff(dvc, "v1", "v2")
    report = compared(stored, "metrics")
    assert report["metrics"] == theirs
    assert set(theirs) == {"m.json", "live/a.json"}
    assert unknown(report).keys().isdisjoint(theirs)


def saved(repo: GitRepo, path: str, content: str) -> str:
    """Commit one file, and leave what Git ignores; return the commit's id."""
    repo.write(path, content)
    repo.git("add", path)
    repo.git("commit", "-q", "-m", f"Write {path}")
    return repo.git("rev-parse", "HEAD")


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
    lock = stored.git("show", "v1:dvc.lock")
    value = lock[lock.index("path: m.json") :].split("md5: ")[1].split()[0]
    object_path(stored.path.parent / "store", value).unlink()
    report = compared(stored, "metrics")
    # `live/a.json` is the same file.
    assert report["metrics"] == {}
    assert unknown(report)["m.json"] == unknown(report)["live/a.json"] == MISSING
    assert not [item for item in report["findings"] if item["rule"] == "metric-missing"]


def test_what_was_cut_short_is_not_believed(stored: GitRepo) -> None:
    lock = stored.git("show", "v2:dvc.lock")
    value = lock[lock.index("path: m.json") :].split("md5: ")[1].split()[0]
    file = object_path(stored.path.parent / "store", value)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    report = compared(stored, "metrics")
    assert report["metrics"] == {}
    assert "cut short or changed" in unknown(report)["m.json"]


def test_the_rule_that_asks_for_metrics_in_git_is_satisfied(stored: GitRepo) -> None:
    def told(report: dict[str, Any]) -> bool:
        return any(item["rule"] == "cached-metric" for item in report["findings"])

    assert told(compared(stored))
    assert not told(compared(stored, "metrics"))
