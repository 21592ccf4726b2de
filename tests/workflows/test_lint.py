"""The linters that know workflows, actions and Dockerfiles find nothing in ours."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
EXAMPLES = sorted((ROOT / "docs" / "workflows").glob("*.yml"))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = EXAMPLES + OURS
EACH = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: str(path.stem))


def lint(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a linter of the development extras; what came of it."""
    command = [str(BIN / tool), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def zizmor(*files: Path) -> subprocess.CompletedProcess[str]:
    """Look for what can be attacked, without asking GitHub anything."""
    return lint("zizmor", "--offline", "--no-progress", "--config=.github/zizmor.yml", *files)


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    """Check syntax and expressions, alike whether or not this machine has a shellcheck."""
    return lint("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *files)


def schema(name: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return lint("check-jsonschema", "--builtin-schema", name, *files)


def check_schema(name: str, *files: Path) -> None:
    done = schema(name, *files)
    assert done.returncode == 0, done.stdout


def test_there_are_workflows_of_both_kinds() -> None:
    assert len(EXAMPLES) == 8
    assert [path.stem for path in OURS] == ["ci", "release"]


def test_zizmor_finds_nothing() -> None:
    done = zizmor(*WORKFLOWS, ROOT / "action.yml")
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_actionlint_finds_nothing() -> None:
    done = actionlint(*WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_workflows_keep_to_their_schema() -> None:
    check_schema("vendor.github-workflows", *WORKFLOWS)


def test_the_action_keeps_to_its_schema() -> None:
    check_schema("vendor.github-actions", ROOT / "action.yml")


def test_hadolint_finds_nothing() -> None:
    done = lint("hadolint", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


BAD = """\
on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-newest
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
"""


def test_the_linters_do_find_something(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "bad.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(BAD)
    found = zizmor(workflow)
    assert found.returncode > 0
    for audit in ("artipacked", "dangerous-triggers", "template-injection", "unpinned-uses"):
        assert audit in found.stdout
    assert 'label "ubuntu-newest" is unknown' in actionlint(workflow).stdout
    workflow.write_text(BAD.replace("runs-on", "runs-in"))
    assert schema("vendor.github-workflows", workflow).returncode == 1


@EACH
def test_each_begins_with_what_it_is_for(workflow: Path) -> None:
    assert workflow.read_text(encoding="utf-8").startswith("# ")


@EACH
def test_each_permission_is_given_to_one_job_with_a_reason(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert content["permissions"] == {}
    for job in content["jobs"].values():
        for name, access in job["permissions"].items():
            assert f"{name}: {access} # " in text


@EACH
def test_each_says_what_becomes_of_older_runs_and_how_long_a_job_may_take(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert {"group", "cancel-in-progress"} <= set(content["concurrency"])
    assert all(job["timeout-minutes"] <= 60 for job in content["jobs"].values())


@EACH
def test_each_checkout_keeps_no_token(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    for job in content["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
                assert workflow in OURS or step["with"]["fetch-depth"] == 0
