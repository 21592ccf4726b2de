"""A stand-in for GitHub on this machine, which keeps to GitHub's own OpenAPI description.

    with GitHubServer() as github:  # enterprise=True: the API is under /api/v3
        github.state.add_repository("octo/models")  # private=True, git=PATH, fork_of=NAME
        pull = github.state.add_pull("octo/models", head_sha=SHA)  # locked=True, head_repository=…
        token = github.token(pull_requests="write", checks="write")  # the others are "none"
        api = client(github, token)
        github.state.comments_of("octo/models", pull.number)

`github.url` is the address of the web side (`GITHUB_SERVER_URL`), `github.api_url` that of the API
(`GITHUB_API_URL`). `github.log` lists every request in order. `github.violations` lists whatever
client or server did against the description; the fixture `github` holds it to be empty.
`pull_request_event(github, pull)` and its like make the payloads of events.

`github.faults` breaks chosen requests (`faults.at(3, CUT_AFTER)`). `github.gate` lets the requests
of several clients through one by one, in an order of the test's choice (`interleave`). Ids and
times are counters, so that two runs of one test see the same. `client` (its own module) is
PyGithub that asks at once and once only.
"""

from tests.support.github.events import (
    merge_group_event,
    pull_request_event,
    push_event,
    workflow_run_event,
)
from tests.support.github.faults import (
    CUT_AFTER,
    CUT_BEFORE,
    EVERY_FAULT,
    Fault,
    Faults,
    error,
    slow,
)
from tests.support.github.gate import Gate, interleave
from tests.support.github.openapi import needs_description
from tests.support.github.requests_log import Logged
from tests.support.github.server import GitHubServer
from tests.support.github.state import State

__all__ = [
    "CUT_AFTER",
    "CUT_BEFORE",
    "EVERY_FAULT",
    "Fault",
    "Faults",
    "Gate",
    "GitHubServer",
    "Logged",
    "State",
    "error",
    "interleave",
    "merge_group_event",
    "needs_description",
    "pull_request_event",
    "push_event",
    "slow",
    "workflow_run_event",
]
