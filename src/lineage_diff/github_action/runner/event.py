"""The events that a workflow can run on, as their payloads tell them.

Each class holds what we use of a payload; the rest is not looked at. Shapes:
https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lineage_diff.errors import InputError

# The size that GitHub limits a payload to.
MAX_BYTES = 25 * 1024 * 1024

FULL_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.\.?$)[A-Za-z0-9_.-]+"
Commit = Annotated[str, Meta(pattern="^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
FullName = Annotated[str, Meta(pattern=rf"^{FULL_NAME}$")]


class EventRepository(Struct, frozen=True):
    """A repository of the payload; not `private` where everyone may read it."""

    full_name: FullName
    private: bool
    default_branch: str = ""


class Branch(Struct, frozen=True):
    """One side of a pull request; no `repo` where a fork was deleted."""

    ref: str
    sha: Commit
    repo: EventRepository | None = None


class PullRequest(Struct, frozen=True):
    """The pull request that an event is about."""

    number: int
    base: Branch
    head: Branch


class PullRequestEvent(Struct, frozen=True):
    """`pull_request` and `pull_request_target`."""

    action: str
    pull_request: PullRequest
    repository: EventRepository


class WorkflowRun(Struct, frozen=True):
    """The run that ended. Its `head_repository` may be a fork, and gone."""

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
    """A group of a merge queue; `base_ref` and `head_ref` are full, as `refs/heads/main`."""

    base_sha: Commit
    base_ref: str
    head_sha: Commit
    head_ref: str


class MergeGroupEvent(Struct, frozen=True):
    """`merge_group`: a merge queue asks whether the group may be merged."""

    action: str
    merge_group: MergeGroup
    repository: EventRepository


class PushEvent(Struct, frozen=True):
    """`push` of a branch or a tag; `before` or `after` is all zeros where it was not or is not."""

    ref: str
    before: Commit
    after: Commit
    repository: EventRepository
    forced: bool = False


class ManualEvent(Struct, frozen=True):
    """`workflow_dispatch` and `schedule`: what to look at is for the inputs to say."""


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

    Raises `InputError` for an event that we do nothing on, and for a payload of another shape.
    """
    kind = EVENTS.get(name)
    if kind is None:
        raise InputError(
            f"the event `{name[:80]}` holds nothing to compare",
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
        f"this is no payload of the event `{name}`: {what}",
        hint="GITHUB_EVENT_NAME and GITHUB_EVENT_PATH must be of the same event.",
        file=source,
    )
