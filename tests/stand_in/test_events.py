import pytest

from tests.stand_in.conftest import HEAD, NAME, Asked
from tests.support.github.events import (
    merge_group_event,
    pull_request_event,
    push_event,
    workflow_run_event,
)
from tests.support.github.openapi import needs_description, payload_errors

BASE = "b" * 40


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "edited", "closed"])
def test_a_pull_request_s_events(asked: Asked, action: str) -> None:
    pull = asked.server.state.pulls[NAME, 1]
    event = pull_request_event(asked.server, pull, action)
    assert (event["action"], event["number"]) == (action, 1)
    assert event["pull_request"]["head"]["sha"] == HEAD
    assert event["pull_request"]["url"] == asked.pull.url


def test_a_run_of_a_fork(asked: Asked) -> None:
    asked.server.state.add_repository("her/models", fork_of=NAME)
    run = asked.server.state.add_run(NAME, head_sha="c" * 40, head_repository="her/models")
    event = workflow_run_event(asked.server, run)
    assert event["workflow_run"]["head_repository"]["full_name"] == "her/models"
    assert event["workflow_run"]["pull_requests"] == []


def test_a_merge_group(asked: Asked) -> None:
    event = merge_group_event(asked.server, NAME, base_sha=BASE, head_sha=HEAD)
    group = event["merge_group"]
    assert (group["base_ref"], group["head_sha"]) == ("refs/heads/main", HEAD)


@pytest.mark.parametrize(("before", "created"), [(BASE, False), ("0" * 40, True)])
def test_a_push(asked: Asked, before: str, created: bool) -> None:
    event = push_event(asked.server, NAME, before=before, after=HEAD)
    assert (event["ref"], event["created"]) == ("refs/heads/main", created)


@needs_description
def test_a_payload_of_another_shape_is_found() -> None:
    errors = list(payload_errors("webhook-push", {"ref": "refs/heads/main", "after": None}))
    assert 'webhook-push: after: null is not of type "string"' in errors
    assert 'webhook-push: .: "before" is a required property' in errors
