"""The linters that know workflows, actions and Dockerfiles find nothing in ours."""

import subprocess
from pathlib import Path

from tests.support.ci_schemas import schema_errors
from tests.workflows.files import METADATA, NATIVE, OURS, TO_COPY, lint

WORKFLOWS = TO_COPY + OURS


def zizmor(*files: Path) -> subprocess.CompletedProcess[str]:
    """Look for what can be attacked, without asking GitHub anything."""
    return lint("zizmor", "--offline", "--no-progress", "--config=.github/zizmor.yml", *files)


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    """Check syntax and expressions, the same with and without a shellcheck on this machine."""
    return lint("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *files)


def test_there_are_workflows_of_both_kinds() -> None:
    assert len(TO_COPY) == 13
    assert [path.stem for path in OURS] == ["check", "ci", "release", "site"]


def test_zizmor_finds_nothing() -> None:
    done = zizmor(*WORKFLOWS, METADATA, NATIVE)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_actionlint_finds_nothing() -> None:
    done = actionlint(*WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_workflows_keep_to_their_schema() -> None:
    assert [schema_errors("github-workflows", file) for file in WORKFLOWS] == [[]] * len(WORKFLOWS)


def test_the_action_keeps_to_its_schema() -> None:
    assert [schema_errors("github-actions", file) for file in (METADATA, NATIVE)] == [[], []]


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
    assert schema_errors("github-workflows", workflow)
