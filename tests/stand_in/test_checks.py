from typing import Any

import pytest
import requests
from github import GithubException

from tests.stand_in.conftest import HEAD, NAME, Asked, status_of


def annotations(count: int) -> list[dict[str, Any]]:
    return [
        {
            "path": "dvc.lock",
            "start_line": line,
            "end_line": line,
            "annotation_level": "warning",
            "message": f"Line {line}",
        }
        for line in range(1, count + 1)
    ]


def output(count: int = 0) -> dict[str, Any]:
    return {"title": "T", "summary": "S", "annotations": annotations(count)}


def test_a_check_run_is_made_and_completed(asked: Asked) -> None:
    check = asked.repository.create_check_run("lineage-diff", HEAD, status="in_progress")
    assert [check.status, check.conclusion] == ["in_progress", None]
    assert [one.number for one in check.pull_requests] == [1]
    check.edit(conclusion="failure", output=output(50))
    check.edit(output=output(25))
    assert [check.status, check.conclusion] == ["completed", "failure"]
    assert check.completed_at is not None
    shown = list(check.get_annotations())
    assert [one.start_line for one in shown] == [*range(1, 51), *range(1, 26)]
    assert asked.repository.get_check_run(check.id).output.annotations_count == 75


def test_a_check_run_names_no_pull_request_of_a_fork(asked: Asked) -> None:
    asked.server.state.add_repository("her/models", fork_of=NAME)
    asked.server.state.add_pull(NAME, head_sha="c" * 40, head_repository="her/models")
    assert asked.repository.create_check_run("lineage-diff", "c" * 40).pull_requests == []


def test_the_newest_of_each_name_is_listed(asked: Asked) -> None:
    names = ["one", "two", "one"]
    ids = [asked.repository.create_check_run(name, HEAD).id for name in names]
    address = f"{asked.server.api_url}/repos/{NAME}/commits/{HEAD}/check-runs"

    def listed(**query: str) -> list[int]:
        answer = requests.get(address, query, timeout=15).json()
        found = [one["id"] for one in answer["check_runs"]]
        assert answer["total_count"] == len(found)
        return found

    assert listed() == [ids[2], ids[1]]
    assert listed(filter="all") == ids[::-1]
    assert listed(check_name="two") == [ids[1]]
    assert listed(app_id="1") == []


def test_a_check_run_needs_a_commit_that_is_there(asked: Asked) -> None:
    with pytest.raises(GithubException) as error:
        asked.repository.create_check_run("lineage-diff", "c" * 40)
    assert status_of(error) == (422, f"No commit found for SHA: {'c' * 40}")


def test_apps_alone_make_check_runs_and_change_their_own(asked: Asked) -> None:
    user = asked.by(asked.server.token(user="reviewer", checks="write"))
    with pytest.raises(GithubException) as error:
        user.repository.create_check_run("lineage-diff", HEAD)
    assert status_of(error) == (403, "You must authenticate via a GitHub App.")
    check = asked.repository.create_check_run("lineage-diff", HEAD)
    other = asked.by(asked.server.token(user="other[bot]", checks="write"))
    with pytest.raises(GithubException) as error:
        other.repository.get_check_run(check.id).edit(name="theirs")
    assert error.value.status == 403
    assert "can only be modified by the GitHub App that created it" in str(error.value.data)


def test_a_conclusion_is_needed_to_complete(asked: Asked) -> None:
    with pytest.raises(GithubException) as error:
        asked.repository.create_check_run("lineage-diff", HEAD, status="completed")
    assert error.value.status == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "T" * 256},
        {"message": "é" * 40_000},
        {"raw_details": "R" * 65_537},
        {"start_line": 0},
        {"start_line": 2, "end_line": 1},
        {"end_line": 2, "start_column": 1},
    ],
    ids=str,
)
def test_an_annotation_that_is_refused(asked: Asked, changes: dict[str, Any]) -> None:
    wrong = output() | {"annotations": [annotations(1)[0] | changes]}
    with pytest.raises(GithubException) as error:
        asked.repository.create_check_run("lineage-diff", HEAD, output=wrong)
    assert status_of(error) == (422, "Validation Failed")
    assert asked.server.state.check_runs == {}
