"""`lineage-diff init`: a configuration and a workflow that fit the repository."""

import re
from pathlib import Path

import pytest
import yaml

from lineage_diff.app.init import CONFIGURATION, WORKFLOW
from lineage_diff.cli.main import main
from lineage_diff.config.loader import PATHS
from lineage_diff.config.parser import parse_policy
from tests.support.git_repo import GitRepo
from tests.support.projects import PIPELINE, project

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_writes_what_it_found(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", PIPELINE + "    metrics: [{metrics.json: {cache: false}}]\n")
    git_repo.write("metrics.json", '{"val": {"loss": 0.5, "x[0]": 2}, "name": "a"}')
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    text = (git_repo.path / CONFIGURATION).read_text(encoding="utf-8")
    assert '#   "model.pkl" (by its name)' in text
    policy = parse_policy(text.encode(), CONFIGURATION)
    assert [(item.pattern, item.better) for item in policy.metrics] == [("val.loss", "lower")]
    assert '# "val.x[[]0]":' in text
    assert "name" not in yaml.safe_load(text)["metrics"]


def test_metrics_in_the_cache_are_named_where_they_can_be_fetched(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", PIPELINE + "    metrics: [eval/metrics.json]\n")
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    text = (git_repo.path / CONFIGURATION).read_text(encoding="utf-8")
    assert '# Metrics in DVC\'s cache and not in Git: "eval/metrics.json".' in text
    assert parse_policy(text.encode(), CONFIGURATION).fetch == ()


def test_the_workflow_is_the_one_in_the_readme(git_repo: GitRepo) -> None:
    project(git_repo)
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    block = re.search(r"## In a workflow.*?```yaml\n(.*?)```", README, re.DOTALL)
    assert block
    assert (git_repo.path / WORKFLOW).read_text(encoding="utf-8") == block[1]
    example = (ROOT / "docs" / "workflows" / "pull-request.yml").read_text(encoding="utf-8")
    assert example.endswith(f"\n{block[1]}")


def test_without_metrics_the_configuration_is_still_valid(git_repo: GitRepo) -> None:
    project(git_repo)
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    assert parse_policy((git_repo.path / CONFIGURATION).read_bytes(), CONFIGURATION).metrics == ()


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        (set(), {CONFIGURATION, WORKFLOW}),
        ({CONFIGURATION}, {WORKFLOW}),
        ({WORKFLOW}, {CONFIGURATION}),
        ({CONFIGURATION, WORKFLOW}, set()),
        ({PATHS[1]}, {WORKFLOW}),
    ],
)
def test_it_writes_what_is_missing_and_leaves_what_is_there(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str], kept: set[str], written: set[str]
) -> None:
    project(git_repo)
    for name in kept:
        git_repo.write(name, "mine\n")
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert {line for line in said if line.startswith(("Kept", "Written"))} == {
        *(f"Kept: {name} (--force overwrites it)" for name in kept),
        *(f"Written: {name}" for name in written),
    }
    assert said[-1] == "Try it now: lineage-diff status"
    for name in kept:
        assert (git_repo.path / name).read_text() == "mine\n"
    files = {str(path.relative_to(git_repo.path)) for path in git_repo.path.glob(".github/**/*.y*")}
    assert files == kept | written
    assert main(["init", "--repo", str(git_repo.path), "--force"]) == 0
    assert "mine\n" not in {(git_repo.path / name).read_text() for name in kept | written}


@pytest.mark.parametrize("path", [*PATHS, WORKFLOW])
def test_what_a_sparse_checkout_leaves_out_is_kept(git_repo: GitRepo, path: str) -> None:
    project(git_repo)
    git_repo.write("x/y", "y\n")
    git_repo.write(path, "mine\n")
    git_repo.commit("all")
    git_repo.git("sparse-checkout", "set", "--cone", "x")
    assert main(["init", "--repo", str(git_repo.path)]) == 0
    assert not (git_repo.path / path).exists()
    new = [WORKFLOW] if path in PATHS else [CONFIGURATION]
    assert git_repo.git("status", "--porcelain", "-uall").splitlines() == [
        f"?? {name}" for name in new
    ]


def test_it_does_not_write_through_a_link(git_repo: GitRepo, tmp_path: Path) -> None:
    project(git_repo)
    (tmp_path / "outside").mkdir()
    git_repo.symlink(".github", "../outside")
    assert main(["init", "--repo", str(git_repo.path), "--force"]) == 2
    assert not list((tmp_path / "outside").iterdir())


def test_a_metric_in_the_cache_has_no_history(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", PIPELINE + "    metrics: [eval/metrics.json]\n")
    git_repo.commit("measure")
    assert main(["history", "accuracy", "--repo", str(git_repo.path)]) == 2
    assert "The metrics in eval/metrics.json have no history" in capsys.readouterr().err
