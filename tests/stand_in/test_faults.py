import pytest
import requests
from github import GithubException
from urllib3 import Retry

from tests.stand_in.conftest import HEAD, NAME, Asked, status_of
from tests.support.github import (
    CUT_AFTER,
    CUT_BEFORE,
    EVERY_FAULT,
    Fault,
    GitHubServer,
    error,
    slow,
)

COMMENTS = f"/repos/{NAME}/issues/1/comments"


@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_a_post_fails_once_in_each_way(asked: Asked, fault: Fault) -> None:
    asked.server.faults.on("POST", ".*/comments", fault)
    if fault.seconds:
        assert asked.pull.create_issue_comment("One").body == "One"
    elif fault.status:
        with pytest.raises(GithubException) as failed:
            asked.pull.create_issue_comment("One")
        assert failed.value.status == fault.status
    else:
        with pytest.raises(requests.ConnectionError):
            asked.pull.create_issue_comment("One")
    made = len(asked.server.state.comments_of(NAME, 1))
    assert made == int(fault.cut_after or fault.seconds > 0)
    asked.pull.create_issue_comment("Two")
    assert len(asked.server.state.comments_of(NAME, 1)) == made + 1
    faults = [one.fault for one in asked.server.log if one.operation == "issues/create-comment"]
    assert faults == [fault.name, None]


def test_the_nth_request_and_those_after_it_fail(asked: Asked) -> None:
    asked.server.faults.at(4, error(503), times=2)
    statuses = []
    for _ in range(5):
        answer = requests.get(asked.server.api_url + COMMENTS, timeout=15)
        statuses.append(answer.status_code)
    assert statuses == [200, 503, 503, 200, 200]
    assert [one.n for one in asked.server.log if one.fault] == [4, 5]


def test_what_a_limit_and_an_outage_say(asked: Asked) -> None:
    asked.server.faults.at(3, error(429, retry_after=7))
    asked.server.faults.at(4, error(502))
    limited = requests.get(asked.server.api_url + COMMENTS, timeout=15)
    assert limited.headers["Retry-After"] == "7"
    assert limited.json()["message"].startswith("You have exceeded a secondary rate limit")
    broken = requests.get(asked.server.api_url + COMMENTS, timeout=15)
    assert broken.headers["Content-Type"] == "text/html"


def test_faults_may_last_until_they_are_cleared(asked: Asked) -> None:
    asked.server.faults.on("GET", ".*/pulls/1", error(404), times=None)
    for _ in range(3):
        with pytest.raises(GithubException) as failed:
            asked.repository.get_pull(1)
        assert status_of(failed) == (404, "Not Found")
    asked.server.faults.clear()
    assert asked.repository.get_pull(1).number == 1


def test_a_slow_answer_comes_too_late(asked: Asked) -> None:
    headers = {"Authorization": f"token {asked.server.token(pull_requests='write')}"}
    asked.server.faults.on("POST", ".*", slow(30))
    with pytest.raises(requests.Timeout):
        requests.post(
            asked.server.api_url + COMMENTS, json={"body": "One"}, headers=headers, timeout=0.2
        )
    assert len(asked.server.state.comments_of(NAME, 1)) == 1


@pytest.mark.parametrize("fault", [CUT_BEFORE, CUT_AFTER])
def test_a_client_that_tries_again_is_answered(github: GitHubServer, fault: Fault) -> None:
    github.state.add_repository(NAME)
    github.state.add_pull(NAME, head_sha=HEAD)
    github.faults.at(1, fault)
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=Retry(1)))
        assert session.get(github.api_url + COMMENTS, timeout=15).json() == []
    assert [one.status for one in github.log] == [None, 200]


def test_the_log_knows_what_writes(asked: Asked) -> None:
    asked.pull.create_issue_comment("One")
    assert [(one.n, one.operation, one.path) for one in asked.server.log if one.writes] == [
        (3, "issues/create-comment", COMMENTS)
    ]
    assert all(one.path.startswith(f"/repos/{NAME}") for one in asked.server.log)
