"""The README's workflow and those to copy, run for real, to the comment at GitHub."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from lineage_diff import project
from lineage_diff.github_action.messages import check_name
from lineage_diff.project import ACTION
from tests.action import payloads
from tests.action.payloads import FORK, HOME
from tests.action.scene import Scene
from tests.container.act import Act, starts_image
from tests.container.engine import ROOT
from tests.support.git_repo import GitRepo
from tests.support.github import (
    GitHubServer,
    merge_group_event,
    pull_request_event,
    push_event,
    workflow_run_event,
)
from tests.workflows.files import METADATA, in_readme

TO_COPY = ROOT / "docs" / "workflows"
# What the image is built from, and what says how.
SOURCES = (
    *("action.yml", "Dockerfile", ".dockerignore", "requirements.lock"),
    *("pyproject.toml", "README.md", "LICENSE", "src", "templates"),
)
COM = pytest.mark.parametrize("github", ["github.com"], indirect=True)
ENTERPRISE = pytest.mark.parametrize("github", ["enterprise"], indirect=True)


@pytest.fixture
def act(scene: Scene, image: str, tmp_path: Path) -> Act:
    """Runs workflows at the merge commit of the scene's pull request, as GitHub does."""
    action = starts_image(METADATA, image, tmp_path / "action")
    scene.checkout.git("checkout", "-q", "--detach", "origin/main")
    scene.checkout.merge("origin/more-data")
    return Act(scene.checkout.path, action, tmp_path / "act", scene.github, scene.runner.token)


@COM
def test_the_readme_s_with_the_action_of_the_checkout(
    scene: Scene, act: Act, tmp_path: Path
) -> None:
    """`uses: ./` where the documented one names the release; the engine builds the Dockerfile."""
    text = in_readme()
    assert ACTION in text
    workflow = tmp_path / "lineage.yml"
    workflow.write_text(text.replace(ACTION, "./"), encoding="utf-8")
    for name in SOURCES:
        source, target = ROOT / name, act.checkout / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    ran = act.run(workflow, "pull_request", pull_request_event(scene.github, scene.pull()))
    assert ran.code == 1, ran.log
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "<picture>" in comment
    (check,) = scene.github.state.check_runs_of(HOME, scene.head)
    assert check.conclusion == "failure"
    assert scene.runner.token not in ran.log


@COM
def test_pull_request(scene: Scene, act: Act) -> None:
    pull = scene.pull()
    workflow = TO_COPY / "pull-request.yml"
    ran = act.run(workflow, "pull_request", pull_request_event(scene.github, pull))
    assert ran.code == 1, ran.log
    assert len(scene.comments()) == 1
    pull = scene.github.state.change_pull(pull, state="closed")
    ran = act.run(workflow, "pull_request", pull_request_event(scene.github, pull, "closed"))
    # As before: another pull request may have the same head.
    assert ran.code == 1, ran.log
    assert scene.origin.git("for-each-ref", "refs/lineage-diff") == ""


@COM
def test_the_pair_for_forks(scene: Scene, act: Act, tmp_path: Path) -> None:
    pull = scene.pull_of_fork()
    writing, act.token = act.token, scene.github.token(contents="read")
    first = act.run(TO_COPY / "lineage.yml", "pull_request", pull_request_event(scene.github, pull))
    assert first.code == 1, first.log
    assert first.artifacts == {"lineage-diff-report": ["report.json"]}
    assert scene.comments() == []

    run = scene.github.state.add_run(HOME, head_sha=pull.head_sha, head_repository=FORK)
    (act.folder / "artifacts" / "1").rename(act.folder / "artifacts" / str(run.id))
    act.token = scene.github.token(actions="read", pull_requests="write")
    # The default branch is checked out by nobody: an empty folder is all there is.
    act.checkout = GitRepo(tmp_path / "empty").path
    payload = workflow_run_event(scene.github, run)
    second = act.run(TO_COPY / "lineage-comment.yml", "workflow_run", payload)
    assert second.code == 0, second.log
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "```mermaid" in comment
    assert writing not in second.log


@COM
def test_the_second_of_the_pair_passes_where_the_first_left_nothing(scene: Scene, act: Act) -> None:
    scene.pull()
    run = scene.github.state.add_run(HOME, head_sha=scene.head, head_branch="more-data")
    payload = workflow_run_event(scene.github, run)
    ran = act.run(TO_COPY / "lineage-comment.yml", "workflow_run", payload)
    assert ran.code == 0, ran.log
    assert scene.comments() == []


@COM
def test_merge_queue(scene: Scene, act: Act) -> None:
    payload = merge_group_event(scene.github, HOME, base_sha=scene.base, head_sha=scene.head)
    ran = act.run(TO_COPY / "merge-queue.yml", "merge_group", payload)
    assert ran.code == 1, ran.log
    (check,) = scene.github.state.check_runs_of(HOME, scene.head)
    assert check.conclusion == "failure"


@COM
@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"revision": "more-data", "model": "model.pkl", "data": "train.py", "since": "main"}, 1),
        ({"revision": "main", "model": "", "data": "", "since": ""}, 0),
    ],
    ids=["questions", "all"],
)
def test_audit_by_hand(scene: Scene, act: Act, inputs: dict[str, str], code: int) -> None:
    workflow = TO_COPY / "audit-by-hand.yml"
    act.token = scene.github.token(contents="read")
    given = [f"--input={name}={value}" for name, value in inputs.items()]
    ran = act.run(workflow, "workflow_dispatch", payloads.by_hand(**inputs), *given)
    assert ran.code == code, ran.log
    files = ran.artifacts["lineage-audit"]
    audit = {"audit.html", "audit.json", "audit.md", "versions.csv"}
    assert {"report.json", "summary.md"} | audit <= set(files)
    assert scene.github.log == []


@COM
def test_nightly(scene: Scene, act: Act) -> None:
    act.token = scene.github.token(contents="read")
    ran = act.run(TO_COPY / "nightly.yml", "schedule", payloads.schedule())
    # What is checked out here is stale.
    assert ran.code == 1, ran.log
    assert "report.json" in ran.artifacts["lineage-nightly"]


@COM
def test_monorepo(scene: Scene, act: Act) -> None:
    for name, ignored in (("vision", '["speech/**"]'), ("speech", '["**"]')):
        scene.origin.write(f".github/lineage-diff-{name}.yml", f"ignore: {ignored}\n")
    base = scene.origin.commit("configure")
    scene.origin.git("checkout", "-q", "-B", "more-data")
    head = scene.stale()
    scene.origin.checkout("main")
    scene.checkout.git("fetch", "-q", "origin")
    scene.checkout.git("checkout", "-q", head)
    scene.base = base
    payload = pull_request_event(scene.github, scene.pull(head))
    ran = act.run(TO_COPY / "monorepo.yml", "pull_request", payload)
    assert ran.code == 1, ran.log
    # Nothing of the change is speech's.
    (comment,) = scene.comments()
    assert "id=vision" in comment
    checks = {run.name: run.conclusion for run in scene.github.state.check_runs_of(HOME, head)}
    assert checks[check_name("vision")] == "failure"
    assert checks[check_name("speech")] == "success"


@ENTERPRISE
def test_enterprise(scene: Scene, act: Act, github: GitHubServer) -> None:
    act.token = github.token(contents="read", pull_requests="write", checks="write")
    payload = pull_request_event(github, scene.pull())
    ran = act.run(TO_COPY / "enterprise.yml", "pull_request", payload)
    assert ran.code == 1, ran.log
    (comment,) = scene.comments()
    assert "```mermaid" in comment


@COM
def test_after_merge(scene: Scene, act: Act) -> None:
    """The job that writes the issue; `test_repro_job.py` runs both."""
    stale = scene.stale()
    scene.checkout.git("fetch", "-q", "origin")
    scene.checkout.git("checkout", "-q", "--detach", stale)
    act.token = scene.github.token(contents="read", issues="write")
    payload = push_event(scene.github, HOME, before=scene.base, after=stale)
    ran = act.run(TO_COPY / "after-merge.yml", "push", payload, "--job=issue")
    assert ran.code == 0, ran.log
    (issue,) = scene.github.state.issues_of(HOME)
    assert (issue.title, issue.state) == ("1 model is stale", "open")
    assert act.token not in ran.log


@COM
def test_the_reusable_one(scene: Scene, act: Act, tmp_path: Path) -> None:
    """Called as the page on rolling out shows, but from the checkout."""
    page = (ROOT / "docs" / "rolling-out.md").read_text(encoding="utf-8")
    (block,) = [text for text in page.split("```yaml\n") if "check.yml@" in text.split("```")[0]]
    called = ".github/workflows/check.yml"
    text = block.split("```")[0]
    assert f"lineage-diff/lineage-diff/{called}@{project.LINE}" in text
    text = text.replace(f"lineage-diff/lineage-diff/{called}@{project.LINE}", f"./{called}")
    scene.checkout.write(called, (ROOT / called).read_text(encoding="utf-8"))
    workflow = tmp_path / "lineage.yml"
    workflow.write_text(text, encoding="utf-8")
    ran = act.run(workflow, "pull_request", pull_request_event(scene.github, scene.pull()))
    assert ran.code == 1, ran.log
    (comment,) = scene.comments()
    assert "```mermaid" in comment


@COM
def test_private_policy(scene: Scene, act: Act, image: str, tmp_path: Path) -> None:
    """The App's token alone reads the policy, which turns off what would fail the job."""
    off = 'rules: {stale-model: "off", stale-stage: "off"}\n'
    policy = GitRepo(tmp_path / "policy")
    policy.write("lineage-diff.yml", off)
    commit = policy.commit("policy")
    there = "octo-org/policy"
    scene.github.state.add_repository(there, git=policy.path, private=True)
    digest = hashlib.sha256(off.encode()).hexdigest()
    entry = {"repository": there, "commit": commit, "sha256": digest}
    scene.origin.write(".github/lineage-diff.yml", f"extends: {json.dumps(entry)}\n")
    scene.base = scene.origin.commit("extend the policy")
    scene.checkout.git("fetch", "-q", "origin")
    scene.checkout.git("checkout", "-q", "--detach", "origin/main")
    scene.checkout.merge("origin/more-data")
    text = (TO_COPY / "private-policy.yml").read_text(encoding="utf-8")
    (named,) = re.findall(r"ref: ([0-9a-f]{40}) # the commit that `extends` names", text)
    workflow = tmp_path / "private-policy.yml"
    workflow.write_text(text.replace(named, commit), encoding="utf-8")
    act.token = scene.github.token(
        contents="read", pull_requests="write", checks="write", repositories=[HOME]
    )
    app = scene.github.token(contents="read", repositories=[there])
    ran = act.run(
        workflow,
        "pull_request",
        pull_request_event(scene.github, scene.pull()),
        # The base has no Git, to check out the second repository.
        f"--platform=ubuntu-latest={image}",
        "--var=POLICY_APP_ID=1",
        f"--secret=POLICY_APP_KEY={app}",
    )
    assert ran.code == 0, ran.log
    assert len(scene.comments()) == 1
    assert app not in ran.log
