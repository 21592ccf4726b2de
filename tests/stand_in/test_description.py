"""What a client, or the stand-in itself, does against GitHub's description is found."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.stand_in.conftest import HEAD, NAME
from tests.support.github import GitHubServer, needs_description, shapes
from tests.support.github.answers import Answer
from tests.support.github.openapi import VARIABLE, Operation, description, operation
from tests.support.github.routes import ROUTES

pytestmark = needs_description
ID = "issues/create-comment"
PATH = {"owner": "octo", "repo": "models", "issue_number": "1"}


def comment() -> Operation:
    return operation("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments")


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """The stand-in; what it finds is the test's own matter."""
    with GitHubServer() as server:
        server.state.add_repository(NAME)
        server.state.add_pull(NAME, head_sha=HEAD)
        yield server


def ask(server: GitHubServer, method: str, rest: str, json: Any = None) -> tuple[int, list[str]]:
    token = server.token(pull_requests="write", checks="write")
    address = f"{server.api_url}/repos/{NAME}{rest}"
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.request(method, address, json=json, headers=headers, timeout=15)
    return answer.status_code, server.violations


def test_every_operation_that_is_served_is_described() -> None:
    ids = {operation(route.method, route.template).id for route in ROUTES}
    assert len(ids) == len(ROUTES)


@pytest.mark.parametrize(
    ("method", "rest", "json", "violation"),
    [
        ("GET", "/pulls?stat=open", None, "pulls/list: no parameter 'stat'"),
        ("GET", "/pulls?state=merged", None, "pulls/list: parameter state: .: "),
        ("GET", "/pulls/first", None, "pulls/get: parameter pull_number: .: "),
        ("GET", "/pulls?per_page=many", None, "pulls/list: parameter per_page: .: "),
        ("POST", "/issues/1/comments", {}, f'{ID}: request: .: "body" is a required property'),
        ("POST", "/issues/1/comments", {"body": 1}, f"{ID}: request: body: "),
        ("POST", "/issues/1/comments", None, f"{ID}: no body"),
        (
            "POST",
            "/issues/1/comments",
            {"body": "One", "minimized": True},
            f"{ID}: request: no field 'minimized'",
        ),
        (
            "POST",
            "/check-runs",
            {"name": "n", "head_sha": HEAD, "started_at": "now"},
            'checks/create: request: started_at: "now" is not a "date-time"',
        ),
        (
            "POST",
            "/check-runs",
            {
                "name": "n",
                "head_sha": HEAD,
                "output": {
                    "title": "T",
                    "summary": "S",
                    "annotations": [
                        {
                            "path": "a",
                            "start_line": 1,
                            "end_line": 1,
                            "annotation_level": "notice",
                            "message": "M",
                        }
                    ]
                    * 51,
                },
            },
            "checks/create: request: output/annotations: ",
        ),
    ],
)
def test_a_bad_request_is_found_and_refused(
    server: GitHubServer, method: str, rest: str, json: Any, violation: str
) -> None:
    status, violations = ask(server, method, rest, json)
    assert status == 422
    assert len(violations) == 1
    assert violations[0].startswith(violation)
    assert server.state.comments == {}
    assert server.state.check_runs == {}


def test_what_is_not_served_is_found(server: GitHubServer) -> None:
    assert ask(server, "GET", "/stargazers") == (
        404,
        [f"not served here: GET /repos/{NAME}/stargazers"],
    )


def test_a_bad_answer_is_found(server: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_COUNTS", ())
    assert ask(server, "GET", "")[0] == 200
    assert 'repos/get: response 200: .: "forks" is a required property' in server.violations


def test_an_error_of_the_stand_in_is_found(server: GitHubServer) -> None:
    del server.state.repositories
    with pytest.raises(requests.ConnectionError):
        ask(server, "GET", "")
    assert server.violations[0].startswith("the stand-in failed: ")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer(500), 0),
        (Answer(404, {"message": "Not Found"}), 0),
        (Answer(429, {"message": "Slow down"}), 0),
        (Answer(429, {"message": 3}), 1),
        (Answer(422, {"message": "Validation Failed"}), 1),
        (Answer(200, {}), 1),
        (Answer(204), 1),
    ],
)
def test_errors_have_a_form_too(answer: Answer, found: int) -> None:
    assert len(list(comment().response_errors(answer.status, answer.body))) == found


def test_the_time_of_an_answer_has_a_form() -> None:
    errors = list(comment().response_errors(201, {"created_at": "yesterday"}))
    assert f'{ID}: response 201: created_at: "yesterday" is not a "date-time"' in errors


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"body": "\\ud800"}'])
def test_a_body_that_is_no_json(body: bytes) -> None:
    (error,) = comment().request_errors(PATH, "", body)
    assert error.startswith(f"{ID}: the body is no JSON: ")


def test_without_the_description_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere")
    with pytest.raises(RuntimeError, match="/nowhere is not there: run scripts/github-api"):
        description.__wrapped__()
