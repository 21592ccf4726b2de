"""A promotion, from the pushed tag to the check run and the record: real Git, GTO and fetches."""

import json
from pathlib import Path

import pytest

from tests.action import payloads
from tests.action.payloads import HOME, ZEROS
from tests.action.runner import Done, Runner
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer
from tests.support.promotion_repo import PromotionRepo, in_use


class Registry:
    """A repository on GitHub, and the checkout of the job that a pushed tag starts."""

    def __init__(self, folder: Path, github: GitHubServer) -> None:
        self.github, self.folder = github, folder
        self.origin: PromotionRepo = in_use(folder / "origin")
        github.state.add_repository(HOME, git=self.origin.path)
        self.runner = Runner(folder / "workspace", folder / "runs", github)
        self.runner.token = github.token(contents="read", checks="write")

    def checkout(self, tag: str) -> GitRepo:
        """Check out a tag as `actions/checkout` does: the tag becomes a lightweight one."""
        clone = self.origin.clone(self.folder / "workspace")
        commit = clone.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
        clone.git("fetch", "-q", "--no-tags", "origin", f"+{commit}:refs/tags/{tag}")
        clone.git("checkout", "-q", "--detach", f"refs/tags/{tag}")
        return clone

    def step(self, event: str, payload: dict[str, object], **inputs: str) -> Done:
        return self.runner.step(event, payload, **inputs)

    def push(self, tag: str, after: str | None = None, **inputs: str) -> Done:
        oid = after or self.origin.git("rev-parse", f"refs/tags/{tag}")
        payload = payloads.push(f"refs/tags/{tag}", before=ZEROS, after=oid)
        return self.step("push", payload, **inputs)


@pytest.fixture
def registry(tmp_path: Path, github: GitHubServer) -> Registry:
    return Registry(tmp_path, github)


def promote(registry: Registry, accuracy: float) -> str:
    registry.origin.trained(accuracy)
    registry.origin.register("v1.1.0")
    registry.origin.assign("prod", "v1.1.0")
    tag = registry.origin.last_tag()
    registry.checkout(tag)
    return tag


@pytest.mark.parametrize(
    ("accuracy", "inputs", "code", "conclusion", "failed"),
    [
        (0.95, {}, 0, "success", ""),
        (0.80, {}, 1, "failure", "regression"),
        (0.80, {"fail_on": "never"}, 0, "neutral", "regression"),
    ],
)
def test_a_pushed_stage(
    registry: Registry,
    accuracy: float,
    inputs: dict[str, str],
    code: int,
    conclusion: str,
    failed: str,
) -> None:
    tag = promote(registry, accuracy)
    done = registry.push(tag, **inputs)
    assert done.code == code
    commit = registry.origin.git("rev-parse", "main")
    (check,) = registry.github.state.check_runs_of(HOME, commit)
    assert (check.name, check.conclusion) == (f"lineage-diff gate {tag}", conclusion)
    words = "may be promoted to prod" if not failed else "may not be promoted to prod"
    assert words in done.log
    for said in (tag, "Ann <ann@example.com>", commit, "dvc.lock:3"):
        assert said in done.summary
    assert done.summary.startswith(done.file("promotion.md"))
    assert {name: text for name, text in done.outputs.items() if text} == {
        name: text
        for name, text in {
            "conclusion": conclusion,
            "failed_conditions": failed,
            "report_path": "lineage-diff-report/promotion.json",
            "summary_path": "lineage-diff-report/promotion.md",
        }.items()
        if text
    }
    report = json.loads(done.file("promotion.json"))
    assert report["policy"] == {"rev": "main", "commit": commit}
    assert report["repository"]["name"] == HOME
    assert report["tag"]["object"] == registry.origin.git("rev-parse", f"refs/tags/{tag}")


def test_the_configuration_is_that_of_the_default_branch_on_the_server(
    registry: Registry,
) -> None:
    tag = promote(registry, 0.95)
    registry.origin.configure("promotion: {stages: [dev, staging, prod]}\n")
    done = registry.push(tag)
    assert (done.code, done.outputs["failed_conditions"]) == (1, "order")


def test_a_commit_on_no_branch_of_the_server(registry: Registry) -> None:
    registry.origin.branch("side")
    tag = promote(registry, 0.95)
    registry.origin.checkout("main")
    registry.origin.git("branch", "-q", "-D", "side")
    assert registry.push(tag).outputs["failed_conditions"] == "branch"


@pytest.mark.parametrize(("version", "says"), [("moved", "was moved"), ("deleted", "was deleted")])
def test_a_tag_that_is_no_longer_there(registry: Registry, version: str, says: str) -> None:
    tag = promote(registry, 0.95)
    pushed = registry.origin.git("rev-parse", f"refs/tags/{tag}")
    if version == "moved":
        registry.origin.trained(0.97)
        registry.origin.git("tag", "-f", "-a", "-m", "x", tag)
    else:
        registry.origin.git("tag", "-d", tag)
    done = registry.push(tag, pushed)
    assert done.code == 2
    assert says in done.summary


def test_a_pushed_version_and_one_that_is_withdrawn(registry: Registry) -> None:
    registry.origin.trained(0.95)
    registry.origin.register("v1.1.0")
    registry.checkout("churn@v1.1.0")
    assert registry.push("churn@v1.1.0").code == 0
    registry.origin.deregister("v1.1.0")
    done = registry.push(registry.origin.last_tag())
    assert (done.code, done.outputs["conclusion"]) == (0, "")
    assert "there is nothing to promote" in done.summary


def test_a_lightweight_tag_names_nobody(registry: Registry) -> None:
    registry.origin.git("tag", "churn#prod#9")
    registry.checkout("churn#prod#9")
    done = registry.push("churn#prod#9")
    assert done.code == 2
    assert "is not annotated" in done.summary


def test_by_hand_before_the_tag(registry: Registry) -> None:
    registry.origin.trained(0.80)
    registry.origin.register("v1.1.0")
    registry.origin.clone(registry.folder / "workspace", "--depth=1")
    done = registry.step("workflow_dispatch", payloads.by_hand(), gate="churn@v1.1.0", stage="prod")
    assert (done.code, done.outputs["failed_conditions"]) == (1, "regression")
    commit = registry.origin.git("rev-parse", "main")
    (check,) = registry.github.state.check_runs_of(HOME, commit)
    assert (check.name, check.conclusion) == ("lineage-diff gate churn@v1.1.0 to prod", "failure")
