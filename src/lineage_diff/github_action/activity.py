"""Derive the activity of a step from its event and inputs, without I/O."""

from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.event import (
    Event,
    ManualEvent,
    MergeGroupEvent,
    PullRequestEvent,
    PushEvent,
    WorkflowRunEvent,
)
from lineage_diff.github_action.runner.inputs import Inputs
from lineage_diff.lineage.registry import parse_tag

_HEADS = "refs/heads/"
_TAGS = "refs/tags/"


class NamedRev(Struct, frozen=True):
    """A commit to find: `rev` is its revision, `name` its display name."""

    rev: str
    name: str


class OnPullRequest(Struct, frozen=True):
    """The pull request to comment on. For a `fork`, the token of `pull_request` only reads.

    `public` is true if everyone can see images in the repository. A `closed` one gets no comment,
    and loses its images. It is checked all the same: GitHub counts the check of a commit for every
    pull request with that head, and one that passed unseen would let another one pass.
    """

    number: int
    head_commit: str
    fork: bool
    public: bool
    closed: bool = False


class Compare(Struct, frozen=True):
    """Compare `head` with the merge base, or if `direct` with `base` itself.

    `instead` is the activity to run if a commit cannot be found. `export` are the formats in which
    the head is exported. `issue` is the default branch, if the head is its tip and an issue is kept
    on what it leaves stale.
    """

    base: NamedRev
    head: NamedRev
    direct: bool
    pull_request: OnPullRequest | None = None
    check: bool = True
    instead: "Compare | CheckCommit | None" = None
    export: tuple[str, ...] = ()
    issue: str | None = None


class Audit(Struct, frozen=True):
    """The subjects of an audit: these models, or all, and optionally some data.

    `pinned` is true if the commit was given; otherwise a model's version may name another one.
    """

    pinned: bool = False
    models: tuple[str, ...] = ()
    data: str | None = None
    since: str | None = None


class CheckCommit(Struct, frozen=True):
    """Check one commit on its own; optionally audit its history, and export it in formats.

    `issue` is that of `Compare`.
    """

    head: NamedRev
    check: bool = True
    audit: Audit | None = None
    export: tuple[str, ...] = ()
    issue: str | None = None


class CheckPromotion(Struct, frozen=True):
    """Check the conditions of a promotion, by the configuration of the `default_branch`.

    `subject` is a version of a model, or the name of the tag that was pushed; `pushed` is then the
    id of the object that it had, and `stage` is `None`.
    """

    subject: str
    default_branch: str
    stage: str | None = None
    pushed: str | None = None


class PublishReport(Struct, frozen=True):
    """Post the report of an untrusted run for a commit of `head_repository` as a comment."""

    report: str
    head_repository: str
    head_branch: str
    head_commit: str
    run_id: int
    public: bool


class Nothing(Struct, frozen=True):
    """Nothing to do, which is no failure."""

    why: Literal["deleted", "withdrawn", "not-a-pull-request", "fork-deleted"]


Activity = Compare | CheckCommit | CheckPromotion | PublishReport | Nothing


def activity(event: Event, inputs: Inputs) -> Activity:
    """Return the activity. Raises `InputError` if the inputs do not fit the event."""
    found = _activity(event, inputs)
    if not isinstance(found, Compare | CheckCommit):
        return found
    return _with_options(
        found, inputs.export if _may_export(event) else (), _issue_branch(event, inputs)
    )


def _may_export(event: Event) -> bool:
    """Return whether the commit is of the default branch, or was chosen by hand."""
    if isinstance(event, PushEvent):
        return event.ref == f"{_HEADS}{event.repository.default_branch}"
    return isinstance(event, ManualEvent)


def _issue_branch(event: Event, inputs: Inputs) -> str | None:
    """Return the default branch, if the commit is its tip and the inputs ask for an issue."""
    if inputs.issue == "never" or inputs.base is not None or inputs.head is not None:
        return None
    if isinstance(event, PushEvent):
        default = event.repository.default_branch
        return default if default and event.ref == f"{_HEADS}{default}" else None
    if isinstance(event, ManualEvent) and event.repository is not None:
        return event.repository.default_branch or None
    return None


def _with_options(
    found: Compare | CheckCommit, export: tuple[str, ...], issue: str | None
) -> Compare | CheckCommit:
    if isinstance(found, Compare) and found.instead is not None:
        instead = _with_options(found.instead, export, issue)
        return replace(found, export=export, issue=issue, instead=instead)
    return replace(found, export=export, issue=issue)


def _activity(event: Event, inputs: Inputs) -> Activity:
    if inputs.report is not None and not isinstance(event, WorkflowRunEvent):
        raise InputError(
            "input `report` is for the event `workflow_run`",
            hint="Remove it: on this event the commits are compared.",
        )
    _only_for_an_audit(event, inputs)
    _only_for_a_promotion(event, inputs)
    match event:
        case PullRequestEvent():
            return _pull_request(event, inputs)
        case WorkflowRunEvent():
            return _workflow_run(event, inputs)
        case MergeGroupEvent():
            group = event.merge_group
            base = _side(inputs.base, group.base_sha, group.base_ref)
            return Compare(base, _side(inputs.head, group.head_sha, group.head_ref), direct=True)
        case PushEvent():
            return _push(event, inputs)
        case ManualEvent():
            return _by_hand(event, inputs)
    assert_never(event)


def _pull_request(event: PullRequestEvent, inputs: Inputs) -> Compare:
    pull_request = event.pull_request
    closed = event.action == "closed"
    head, home = pull_request.head, event.repository
    return Compare(
        _side(inputs.base, pull_request.base.sha, pull_request.base.ref),
        _side(inputs.head, head.sha, head.ref),
        direct=False,
        pull_request=OnPullRequest(
            pull_request.number,
            head.sha,
            fork=head.repo is None or head.repo.full_name != home.full_name,
            public=not home.private,
            closed=closed,
        ),
        check=not closed,
    )


def _workflow_run(event: WorkflowRunEvent, inputs: Inputs) -> PublishReport | Nothing:
    run = event.workflow_run
    if inputs.report is None:
        raise InputError(
            "the event `workflow_run` needs the input `report`",
            hint="Download the artifact of the run that ended, and name its `report.json`.",
        )
    if event.action != "completed":
        raise InputError(
            f"the run that wrote the report is `{event.action[:40]}`",
            hint="Write `types: [completed]` under `workflow_run`.",
        )
    if run.event not in ("pull_request", "pull_request_target"):
        return Nothing("not-a-pull-request")
    if run.head_repository is None or run.head_branch is None:
        return Nothing("fork-deleted")
    return PublishReport(
        inputs.report,
        run.head_repository.full_name,
        run.head_branch,
        run.head_sha,
        run.id,
        public=not event.repository.private,
    )


def _push(event: PushEvent, inputs: Inputs) -> Compare | CheckCommit | CheckPromotion | Nothing:
    if _is_nothing(event.after):
        return Nothing("deleted")
    if inputs.base is None and inputs.head is None and event.ref.startswith(_TAGS):
        tag = parse_tag(event.ref.removeprefix(_TAGS))
        if tag is not None:
            default = event.repository.default_branch
            if not tag.promotes:
                return Nothing("withdrawn")
            return CheckPromotion(tag.name, default, pushed=event.after)
    head = _side(inputs.head, event.after, event.ref)
    if inputs.base is not None:
        return Compare(NamedRev(inputs.base, inputs.base), head, direct=False)
    default = event.repository.default_branch
    # The default branch itself and tags have no base to compare with.
    without: Compare | CheckCommit = CheckCommit(head)
    is_branch = event.ref.startswith(_HEADS)
    if is_branch and default and event.ref != f"{_HEADS}{default}":
        without = Compare(NamedRev(default, default), head, direct=False)
    if not is_branch or _is_nothing(event.before):
        return without
    # After a forced push no branch contains the old commit, and GitHub may delete it.
    before = NamedRev(event.before, event.before[:7])
    return Compare(before, head, direct=True, instead=without if event.forced else None)


def _by_hand(event: ManualEvent, inputs: Inputs) -> Compare | CheckCommit | CheckPromotion:
    if inputs.gate is not None and event.repository is not None:
        return CheckPromotion(inputs.gate, event.repository.default_branch, inputs.stage)
    # No check run: no check was requested on that commit.
    head = _side(inputs.head, "HEAD", "HEAD")
    if inputs.base is None:
        about = Audit(inputs.head is not None, inputs.model, inputs.data, inputs.since)
        return CheckCommit(head, check=False, audit=about)
    return Compare(NamedRev(inputs.base, inputs.base), head, direct=False, check=False)


def _only_for_an_audit(event: Event, inputs: Inputs) -> None:
    asked = {"model": inputs.model, "data": inputs.data, "since": inputs.since}
    given = [name for name, value in asked.items() if value]
    if given and (not isinstance(event, ManualEvent) or inputs.base is not None):
        raise InputError(
            f"input `{given[0]}` is for an audit, which compares nothing",
            hint="Use it on `workflow_dispatch` or `schedule`, without `base`.",
        )
    if inputs.since is not None and inputs.data is None:
        raise InputError(
            "input `since` needs the input `data`",
            hint="Name the data that the commit fixed: a path, a hash or REV:PATH.",
        )


def _only_for_a_promotion(event: Event, inputs: Inputs) -> None:
    if inputs.gate is None:
        if inputs.stage is not None:
            raise InputError(
                "input `stage` needs the input `gate`",
                hint="Name the version to promote, such as churn@v1.2.0.",
            )
        return
    others = (inputs.base, inputs.head, inputs.model or None, inputs.data)
    dispatched = isinstance(event, ManualEvent) and event.repository is not None
    if not dispatched or any(other is not None for other in others):
        raise InputError(
            "input `gate` is for a promotion, which names one version of a model",
            hint="Use it on `workflow_dispatch`, without `base`, `head`, `model` and `data`.",
        )


def _side(asked: str | None, rev: str, name: str) -> NamedRev:
    return NamedRev(asked, asked) if asked is not None else NamedRev(rev, name.removeprefix(_HEADS))


def _is_nothing(commit: str) -> bool:
    return not commit.strip("0")
