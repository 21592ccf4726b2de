"""Of which commit each event takes the configuration: one that the author did not choose."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.report.report import decode_report
from tests.action import payloads
from tests.action.payloads import HOME
from tests.action.runner import Done
from tests.action.scene import Scene
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, merge_group_event, pull_request_event, push_event

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)
POLICY = ".github/lineage-diff.yml"
LAX, STRICT = "rules: {stale-model: 'off'}\n", "rules: {stale-model: error}\n"


class Tightened(Scene):
    """The pull request starts at a lax policy; `main` has a strict one since."""

    def __init__(self, tmp_path: Path, github: GitHubServer) -> None:
        super().__init__(tmp_path, github)
        self.origin.write(POLICY, LAX)
        self.lax = self.origin.commit("a lax policy")
        self.origin.git("branch", "-f", "more-data", "main")
        self.origin.checkout("more-data")
        self.head = self.stale()
        self.origin.checkout("main")
        self.origin.write(POLICY, STRICT)
        self.strict = self.origin.commit("a strict policy")
        self.checked_out(tmp_path / "again")

    def checked_out(self, path: Path, *options: str) -> GitRepo:
        self.checkout = self.origin.clone(path, *options)
        self.runner.workspace = self.checkout.path
        return self.checkout

    def compared_with(self, base: str, event: str = "pull_request") -> Done:
        """Run the step on an event that names this commit as the base."""
        payload = pull_request_event(self.github, self.pull())
        payload["pull_request"]["base"]["sha"] = base
        return self.runner.step(event, payload)


@pytest.fixture
def scene(tmp_path: Path, github: GitHubServer) -> Tightened:
    return Tightened(tmp_path, github)


def full(scene: Tightened, path: Path) -> None:
    scene.checked_out(path)


def shallow(scene: Tightened, path: Path) -> None:
    scene.checked_out(path, "--depth=1", "--branch=main")


def one_branch(scene: Tightened, path: Path) -> None:
    scene.checked_out(path, "--single-branch", "--branch=more-data")


def of_an_old_time(scene: Tightened, path: Path) -> None:
    """A checkout that a runner kept: its `origin/main` is older than what the event names."""
    scene.checked_out(path)
    scene.checkout.git("update-ref", "refs/remotes/origin/main", scene.lax)


def branch_is_gone(scene: Tightened, path: Path) -> None:
    scene.checked_out(path, "--depth=1", "--branch=more-data")
    scene.origin.git("tag", "kept", "main")
    scene.origin.git("checkout", "-q", "--detach")
    scene.origin.git("branch", "-D", "main")


def branch_was_rewritten(scene: Tightened, path: Path) -> None:
    scene.origin.git("tag", "kept", "main")
    scene.origin.git("checkout", "-q", "-B", "main", scene.base)
    scene.origin.write(POLICY, LAX)
    scene.origin.commit("another history")
    scene.checked_out(path)


@ONE_SERVER
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("checkout", [full, shallow, one_branch], ids=lambda make: make.__name__)
def test_a_base_that_moved_on_since_the_event(
    scene: Tightened, tmp_path: Path, checkout: Callable[[Tightened, Path], None], event: str
) -> None:
    checkout(scene, tmp_path / "checkout")
    done = scene.compared_with(scene.lax, event)
    assert (done.code, done.outputs["stale_models"]) == (1, "1")
    report = decode_report(done.file("report.json").encode(), "report.json")
    # What is compared stays what the event names.
    assert (report.base.rev, report.base.commit) == ("main", scene.lax)
    (note,) = (item for item in report.findings if item.rule == "policy-changed")
    assert (note.severity, scene.strict[:7] in note.message) == ("info", True)


@ONE_SERVER
@pytest.mark.parametrize("name", ["größe/(v1)'s", "100%&$x;#!{}|<>,=", "--upload-pack=x", "@x"])
def test_whatever_the_base_branch_is_called(scene: Tightened, tmp_path: Path, name: str) -> None:
    scene.origin.git("update-ref", f"refs/heads/{name}", scene.strict)
    scene.origin.checkout("more-data")
    scene.origin.git("branch", "-q", "-D", "main")
    scene.checked_out(tmp_path / "checkout", "--depth=1", "--branch=more-data")
    payload = pull_request_event(scene.github, scene.pull())
    payload["pull_request"]["base"] |= {"ref": name, "sha": scene.lax}
    assert scene.runner.step("pull_request", payload).code == 1


@ONE_SERVER
@pytest.mark.parametrize(
    "checkout",
    [full, of_an_old_time, branch_is_gone, branch_was_rewritten],
    ids=lambda make: make.__name__,
)
def test_never_an_older_one_than_the_event_names(
    scene: Tightened, tmp_path: Path, checkout: Callable[[Tightened, Path], None]
) -> None:
    checkout(scene, tmp_path / "checkout")
    assert scene.compared_with(scene.strict).code == 1


@ONE_SERVER
def test_a_merge_group_is_judged_by_its_base(scene: Tightened) -> None:
    for base, code in ((scene.lax, 0), (scene.strict, 1)):
        payload = merge_group_event(scene.github, HOME, base_sha=base, head_sha=scene.head)
        assert scene.runner.step("merge_group", payload).code == code


def pushed(scene: Tightened, before: str) -> dict[str, Any]:
    return push_event(scene.github, HOME, before=before, after=scene.head, branch="more-data")


@ONE_SERVER
def test_a_push_is_judged_by_what_was_there_before(scene: Tightened) -> None:
    for before, code in ((scene.lax, 0), (scene.strict, 1), ("0" * 40, 1)):
        assert scene.runner.step("push", pushed(scene, before)).code == code


@ONE_SERVER
@pytest.mark.parametrize(("base", "code"), [("main", 1), ("strict", 1), ("lax", 0)])
@pytest.mark.parametrize("event", ["pull_request", "workflow_dispatch"])
def test_a_base_that_is_asked_for_is_believed_itself(
    scene: Tightened, event: str, base: str, code: int
) -> None:
    scene.origin.git("tag", "-a", "-m", "A tag", "strict", scene.strict)
    scene.origin.git("tag", "lax", scene.lax)
    scene.checkout.git("fetch", "-q", "--tags")
    payload = payloads.by_hand()
    if event == "pull_request":
        payload = pull_request_event(scene.github, scene.pull())
    done = scene.runner.step(event, payload, base=base, head=scene.head)
    assert done.code == code


@ONE_SERVER
def test_a_model_that_the_base_branch_has_trained_since(
    tmp_path: Path, github: GitHubServer
) -> None:
    scene = Scene(tmp_path, github)
    scene.origin.checkout("main")
    start = scene.stale()
    scene.retrained()
    scene.origin.checkout("more-data")
    scene.origin.git("reset", "-q", "--hard", start)
    scene.origin.write("train.py", "print(4)\n")
    head = scene.origin.commit("edit again")
    scene.origin.checkout("main")
    scene.runner.workspace = scene.origin.clone(tmp_path / "again").path
    payload = pull_request_event(github, scene.pull(head))
    payload["pull_request"]["base"]["sha"] = start
    done = scene.runner.step("pull_request", payload)
    assert (done.code, done.outputs["errors"]) == (1, "1")


@ONE_SERVER
def test_the_verdict_of_an_untrusted_report_lets_nothing_pass(
    tmp_path: Path, github: GitHubServer
) -> None:
    """The report of a fork's run was judged by whatever policy that run liked."""
    scene = Tightened(tmp_path, github)
    lax = scene.runner.step("push", pushed(scene, scene.lax))
    scene.checkout.write("in/report.json", lax.file("report.json"))
    scene.pull()
    payload = payloads.workflow_run(head_repository=HOME, head=scene.head)
    checks = scene.github.state.check_runs_of(HOME, scene.head)
    done = scene.runner.step("workflow_run", payload, report="in/report.json")
    assert done.code == 0
    assert scene.github.state.check_runs_of(HOME, scene.head) == checks
    (comment,) = scene.comments()
    assert "Reported by [a run]" in comment
