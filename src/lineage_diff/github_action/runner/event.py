"""The events that a workflow can run on, and their payloads.

Each class has only the fields that are used. Shapes:
https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lineage_diff.errors import InputError

# GitHub's limit for a payload, in bytes.
MAX_BYTES = 25 * 1024 * 1024

FULL_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.\.?$)[A-Za-z0-9_.-]+"
Commit = Annotated[str, Meta(pattern="^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
FullName = Annotated[str, Meta(pattern=rf"^{FULL_NAME}$")]


class EventRepository(Struct, frozen=True):
    """A repository of the payload; `private` is false if everyone may read it."""

    full_name: FullName
    private: bool
    default_branch: str = ""


class Branch(Struct, frozen=True):
    """One side of a pull request; `repo` is `None` if the fork was deleted."""

    ref: str
    sha: Commit
    repo: EventRepository | None = None


class PullRequest(Struct, frozen=True):
    """The pull request of an event."""

    number: int
    base: Branch
    head: Branch


class PullRequestEvent(Struct, frozen=True):
    """`pull_request` and `pull_request_target`."""

    action: str
    pull_request: PullRequest
    repository: EventRepository


class WorkflowRun(Struct, frozen=True):
    """The completed run. Its `head_repository` may be a fork; `None` if it was deleted."""

    id: int
    event: str
    head_sha: Commit
    head_branch: str | None = None
    head_repository: EventRepository | None = None


class WorkflowRunEvent(Struct, frozen=True):
    """`workflow_run`: another workflow was requested, is in progress or has completed."""

    action: str
    workflow_run: WorkflowRun
    repository: EventRepository


class MergeGroup(Struct, frozen=True):
    """A group of a merge queue; `base_ref` and `head_ref` are full names: `refs/heads/main`."""

    base_sha: Commit
    base_ref: str
    head_sha: Commit
    head_ref: str


class MergeGroupEvent(Struct, frozen=True):
    """`merge_group`: a merge queue requests checks of a group."""

    action: str
    merge_group: MergeGroup
    repository: EventRepository


class PushEvent(Struct, frozen=True):
    """`push` of a branch or tag; `before` (created) or `after` (deleted) may be all zeros."""

    ref: str
    before: Commit
    after: Commit
    repository: EventRepository
    forced: bool = False


class ManualEvent(Struct, frozen=True):
    """`workflow_dispatch` and `schedule`: the inputs name the commits.

    `repository` is `None` on a `schedule`.
    """

    repository: EventRepository | None = None


Event = PullRequestEvent | WorkflowRunEvent | MergeGroupEvent | PushEvent | ManualEvent

EVENTS: Mapping[str, type[Event]] = {
    "pull_request": PullRequestEvent,
    "pull_request_target": PullRequestEvent,
    "workflow_run": WorkflowRunEvent,
    "merge_group": MergeGroupEvent,
    "push": PushEvent,
    "workflow_dispatch": ManualEvent,
    "schedule": ManualEvent,
}


def parse_event(name: str, payload: bytes, source: str) -> Event:
    """Return the event of that name. `source` names where the payload comes from.

    Raises `InputError` for an unsupported event, and for a payload of another shape.
    """
    kind = EVENTS.get(name)
    if kind is None:
        raise InputError(
            f"the event `{name[:80]}` has nothing to compare",
            hint=f"Run the workflow on {', '.join(list(EVENTS)[:-1])} or {list(EVENTS)[-1]}.",
        )
    if len(payload) > MAX_BYTES:
        raise _not_a_payload(name, f"it holds {len(payload)} bytes", source)
    try:
        event: Event = msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _not_a_payload(name, " ".join(str(error).split()), source) from error
    return event


def _not_a_payload(name: str, what: str, source: str) -> InputError:
    return InputError(
        f"this is not a payload of the event `{name}`: {what}",
        hint="GITHUB_EVENT_NAME and GITHUB_EVENT_PATH must be of the same event.",
        file=source,
    )
