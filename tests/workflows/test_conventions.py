"""What every workflow of ours keeps to."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage_diff.project import ACTION
from tests.workflows.files import METADATA, OURS, ROOT, TO_COPY

PINNED = re.compile(r"[0-9a-f]{40}")
EVERY = pytest.mark.parametrize("file", [*TO_COPY, *OURS], ids=lambda file: file.name)


def jobs(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    found: dict[str, Any] = loaded["jobs"]
    return found


@EVERY
def test_it_says_what_it_is_for(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")


@EVERY
def test_each_job_has_the_least_permissions_with_a_reason_each(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "\npermissions: {}\n" in text
    given = re.findall(r"^ {6}[a-z-]+: (?:read|write)\b(.*)$", text, re.MULTILINE)
    assert len(given) == sum(len(job["permissions"]) for job in jobs(file).values())
    assert all(reason.startswith(" # ") for reason in given)


@pytest.mark.parametrize("file", TO_COPY, ids=lambda file: file.name)
def test_another_base_branch_starts_another_run(file: Path) -> None:
    trigger = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)["on"]  # noqa: S506
    pull_request = trigger.get("pull_request")
    assert pull_request is None or "edited" in pull_request["types"]
    # GitHub counts a skipped job as passed.
    assert pull_request is None or not any("if" in job for job in jobs(file).values())


@EVERY
def test_it_ends_in_time_and_does_not_run_beside_itself(file: Path) -> None:
    assert "concurrency" in yaml.safe_load(file.read_text(encoding="utf-8"))
    assert all(job["timeout-minutes"] for job in jobs(file).values())


@EVERY
def test_the_actions_of_others_are_pinned_by_commit_with_their_version(file: Path) -> None:
    for use in re.findall(r"uses: (.*)", file.read_text(encoding="utf-8")):
        if use != ACTION:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


@EVERY
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for job in jobs(file).values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                given = step["with"]
                assert given["persist-credentials"] is False
                assert given.get("fetch-depth") == 0 or is_pinned_copy(given) or file in OURS


def is_pinned_copy(given: dict[str, Any]) -> bool:
    """Return whether a checkout brings another repository at one commit, beside the own one."""
    return (
        "repository" in given and "path" in given and bool(PINNED.fullmatch(given.get("ref", "")))
    )


@EVERY
def test_only_inputs_that_there_are_are_set(file: Path) -> None:
    known = yaml.safe_load(METADATA.read_text(encoding="utf-8"))["inputs"]
    for job in jobs(file).values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("lineage-diff/"):
                assert set(step.get("with", {})) <= set(known)


def test_one_action_has_one_version_everywhere() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (*TO_COPY, *OURS)]
    pins = {use for text in texts for use in re.findall(r"uses: (.*@.*)", text)}
    assert len(pins) == len({use.partition("@")[0] for use in pins})


def test_the_page_names_each_workflow() -> None:
    page = (ROOT / "docs" / "workflows" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+\.yml)\)", page)) == {file.name for file in TO_COPY}


def test_the_pair_agrees() -> None:
    folder = ROOT / "docs" / "workflows"
    first, second = (
        yaml.load((folder / name).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
        for name in ("lineage.yml", "lineage-comment.yml")
    )
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]
    upload = first["jobs"]["lineage-diff"]["steps"][-1]
    download = second["jobs"]["comment"]["steps"][0]
    assert upload["with"]["name"] == download["with"]["name"]
