"""A stage that ran as before and gave other results, found in the history by the command."""

import json
from collections.abc import Callable

import pytest

from lineage_diff.cli.main import main
from tests.support.experiments import PIPELINE, baseline, write_run
from tests.support.git_repo import GitRepo

FIRST = {"accuracy": 0.9, "seconds": 3}


def nothing(repo: GitRepo) -> None:
    """Leave all else as it is."""


def page(repo: GitRepo) -> None:
    repo.write("README.md", "Text\n")


def undeclared(repo: GitRepo) -> None:
    repo.write("helpers.py", "print(3)\n")


def source(repo: GitRepo) -> None:
    """The stage gets its data elsewhere: it has neither data among its deps nor metrics."""
    repo.write("dvc.yaml", PIPELINE.replace("metrics: [{metrics.json", "plots: [{metrics.json"))


def always(repo: GitRepo) -> None:
    repo.write("dvc.yaml", PIPELINE + "    always_changed: true\n")


@pytest.mark.parametrize(
    ("last", "lr", "beside", "said"),
    [
        ({"accuracy": 0.91, "seconds": 4}, 0.1, nothing, "`accuracy` was 0.9 and is 0.91"),
        ({"accuracy": 0.91, "seconds": 4}, 0.1, page, "`accuracy` was 0.9 and is 0.91"),
        ({"accuracy": 0.9, "seconds": 4}, 0.1, nothing, None),
        (FIRST, 0.1, nothing, None),
        ({"accuracy": 0.91, "seconds": 4}, 0.3, nothing, None),
        ({"accuracy": 0.91, "seconds": 4}, 0.1, undeclared, None),
        ({"accuracy": 0.91, "seconds": 4}, 0.1, always, None),
        ({"accuracy": 0.91, "seconds": 4}, 0.1, source, None),
    ],
)
def test_a_run_as_an_earlier_one_with_other_numbers_is_a_note(
    git_repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    last: dict[str, float],
    lr: float,
    beside: Callable[[GitRepo], None],
    said: str | None,
) -> None:
    first = baseline(git_repo, FIRST)
    write_run(git_repo, 0.2, {"accuracy": 0.95, "seconds": 3})
    git_repo.commit("another rate")
    write_run(git_repo, lr, last)
    beside(git_repo)
    git_repo.commit("back")
    main(["compare", "HEAD~1", "HEAD", "--repo", str(git_repo.path), "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    found = [item for item in findings if item["rule"] == "nondeterministic-stage"]
    assert len(found) == (said is not None)
    for item in found:
        assert (item["severity"], item["subject"]) == ("info", "dvc.yaml:train")
        assert f"ran in `{first[:7]}` with the same command" in item["message"]
        assert said is not None
        assert item["message"].endswith(said)


def test_what_unexplained_metric_reports_is_not_repeated(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(git_repo, FIRST)
    write_run(git_repo, 0.1, {"accuracy": 0.91, "seconds": 3})
    git_repo.commit("again")
    main(["compare", "HEAD~1", "HEAD", "--repo", str(git_repo.path), "--format", "json"])
    rules = {item["rule"] for item in json.loads(capsys.readouterr().out)["findings"]}
    assert "unexplained-metric" in rules
    assert "nondeterministic-stage" not in rules
