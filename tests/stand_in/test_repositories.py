import pytest
import requests
from github import GithubException

from tests.stand_in.conftest import HEAD, NAME, Asked, status_of
from tests.support.github import GitHubServer
from tests.support.github.client import client


def test_a_pull_request_from_a_fork(asked: Asked) -> None:
    state = asked.server.state
    state.add_repository("her/models", fork_of=NAME)
    state.add_pull(
        NAME, head_sha="c" * 40, head_branch="mine", head_repository="her/models", draft=True
    )
    pull = asked.repository.get_pull(2)
    assert (pull.head.label, pull.head.repo.full_name) == ("her:mine", "her/models")
    assert (pull.base.repo.full_name, pull.draft, pull.state) == (NAME, True, "open")
    assert pull.head.repo.fork
    assert (
        client(asked.server, asked.server.token()).get_repo("her/models").parent.full_name == NAME
    )


def test_a_pull_request_whose_fork_is_deleted(asked: Asked) -> None:
    asked.server.state.change_pull(asked.server.state.pulls[NAME, 1], head_repository=None)
    (pull,) = asked.repository.get_pulls()
    assert [pull.head.repo, pull.head.sha] == [None, HEAD]


def test_pull_requests_are_found_by_state_and_head(asked: Asked) -> None:
    state = asked.server.state
    state.add_repository("her/models", fork_of=NAME)
    state.add_pull(NAME, head_sha="c" * 40, head_repository="her/models")
    closed = state.add_pull(NAME, head_sha="d" * 40, head_branch="old")
    state.change_pull(closed, state="closed", merged=True)

    def numbers(**query: str) -> list[int]:
        return [one.number for one in asked.repository.get_pulls(**query)]

    assert numbers() == [2, 1]
    assert numbers(state="all") == [3, 2, 1]
    assert numbers(state="closed") == [3]
    assert numbers(head="her:change") == [2]
    assert numbers(state="all", head="octo:old") == [3]
    assert asked.repository.get_pull(3).merged


def test_a_commit_s_pull_requests_are_those_of_its_own_repository(asked: Asked) -> None:
    asked.server.state.add_repository("her/models", fork_of=NAME)
    asked.server.state.add_pull(NAME, head_sha="c" * 40, head_repository="her/models")
    home = f"{asked.server.api_url}/repos"

    def numbers(name: str, commit: str) -> list[int]:
        answer = requests.get(f"{home}/{name}/commits/{commit}/pulls", timeout=15)
        return [one["number"] for one in answer.json()]

    assert numbers(NAME, HEAD) == [1]
    assert numbers(NAME, "c" * 40) == []
    assert numbers("her/models", "c" * 40) == [2]


def test_a_workflow_run_and_its_artifacts(asked: Asked) -> None:
    state = asked.server.state
    state.add_repository("her/models", fork_of=NAME)
    run = state.add_run(NAME, head_sha=HEAD, artifacts=["report", "pictures"], attempt=2)
    fork = state.add_run(NAME, head_sha="c" * 40, head_repository="her/models")
    home = f"{asked.server.api_url}/repos/{NAME}/actions/runs"
    shown = requests.get(f"{home}/{run.id}", timeout=15).json()
    assert [one["number"] for one in shown["pull_requests"]] == [1]
    assert (shown["run_attempt"], shown["event"]) == (2, "pull_request")
    theirs = requests.get(f"{home}/{fork.id}", timeout=15).json()
    assert theirs["pull_requests"] == []
    assert theirs["head_repository"]["full_name"] == "her/models"
    listed = requests.get(f"{home}/{run.id}/artifacts", {"name": "report"}, timeout=15).json()
    assert [one["name"] for one in listed["artifacts"]] == ["report"]
    assert requests.get(f"{home}/1", timeout=15).status_code == 404


def test_an_action_s_token_stands_for_no_user(asked: Asked) -> None:
    login = client(asked.server, asked.server.token(user="reviewer")).get_user().login
    assert login == "reviewer"
    with pytest.raises(GithubException) as error:
        _ = client(asked.server, asked.server.token()).get_user().login
    assert status_of(error) == (403, "Resource not accessible by integration")


def test_an_unknown_token_is_refused(asked: Asked) -> None:
    token = asked.server.token(pull_requests="write")
    asked.server.revoke(token)
    for unknown in (token, "ghp_unknown"):
        with pytest.raises(GithubException) as error:
            client(asked.server, unknown).get_repo(NAME)
        assert status_of(error) == (401, "Bad credentials")


@pytest.mark.parametrize(
    ("access", "repositories", "status"),
    [("read", None, 200), ("none", None, 403), ("write", ["octo/other"], 404)],
)
def test_who_sees_what_is_private(
    github: GitHubServer, access: str, repositories: list[str] | None, status: int
) -> None:
    github.state.add_repository("octo/private", private=True)
    github.state.add_pull("octo/private", head_sha=HEAD)
    token = github.token(pull_requests=access, repositories=repositories)  # type: ignore[arg-type]
    address = f"{github.api_url}/repos/octo/private/pulls/1"
    answers = [
        requests.get(address, headers=headers, timeout=15)
        for headers in ({"Authorization": f"Bearer {token}"}, {})
    ]
    assert [one.status_code for one in answers] == [status, 404]


def test_nobody_writes_without_saying_who(asked: Asked) -> None:
    address = f"{asked.server.api_url}/repos/{NAME}/issues/1/comments"
    answer = requests.post(address, json={"body": "One"}, timeout=15)
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")


def test_a_client_says_what_it_is(asked: Asked) -> None:
    address = f"{asked.server.api_url}/repos/{NAME}"
    assert requests.get(address, headers={"User-Agent": ""}, timeout=15).status_code == 403


def test_pages_are_linked(asked: Asked) -> None:
    for number in range(4):
        asked.server.state.add_pull(NAME, head_sha=f"{number}" * 40)
    address = f"{asked.server.api_url}/repos/{NAME}/pulls"

    def linked(page: int) -> dict[str, str]:
        answer = requests.get(address, {"per_page": "2", "page": str(page)}, timeout=15)
        return {name: link["url"].rpartition("page=")[2] for name, link in answer.links.items()}

    assert linked(1) == {"next": "2", "last": "3"}
    assert linked(2) == {"prev": "1", "next": "3", "last": "3", "first": "1"}
    assert linked(3) == {"prev": "2", "first": "1"}


def test_a_page_holds_a_hundred_at_most(asked: Asked) -> None:
    for number in range(100):
        asked.server.state.add_pull(NAME, head_sha=f"{number:040d}")
    address = f"{asked.server.api_url}/repos/{NAME}/pulls"
    answer = requests.get(address, {"per_page": "200"}, timeout=15)
    assert (len(answer.json()), sorted(answer.links)) == (100, ["last", "next"])


def test_every_answer_tells_the_rate_limit(asked: Asked) -> None:
    address = f"{asked.server.api_url}/repos/{NAME}"
    left = [
        int(requests.get(address, timeout=15).headers["x-ratelimit-remaining"]) for _ in range(2)
    ]
    assert left[0] - left[1] == 1
