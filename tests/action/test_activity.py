"""Every row of the table of events: what a payload and the inputs ask for."""

import json
from typing import Any

import pytest

from lineage_diff.errors import InputError
from lineage_diff.github_action.activity import (
    Activity,
    Audit,
    CheckCommit,
    CheckPromotion,
    Compare,
    NamedRev,
    Nothing,
    OnPullRequest,
    PublishReport,
    activity,
)
from lineage_diff.github_action.runner.event import EVENTS, parse_event
from lineage_diff.github_action.runner.inputs import read_inputs
from tests.action import payloads
from tests.action.payloads import BASE, FORK, HEAD, ZEROS

MAIN, CHANGE = NamedRev(BASE, "main"), NamedRev(HEAD, "more-data")
FORKED = payloads.repository(FORK)
RUN = 289782451


def decided(name: str, payload: dict[str, Any], **inputs: str) -> Activity:
    event = parse_event(name, json.dumps(payload).encode(), "event.json")
    given = {f"INPUT_{key.upper()}": value for key, value in inputs.items()}
    return activity(event, read_inputs(given))


def pull_request(*, fork: bool = False, public: bool = True) -> Compare:
    on = OnPullRequest(7, HEAD, fork=fork, public=public)
    return Compare(MAIN, CHANGE, direct=False, pull_request=on)


CLOSED = Compare(
    MAIN,
    CHANGE,
    direct=False,
    pull_request=OnPullRequest(7, HEAD, fork=False, public=True, closed=True),
    check=False,
)
TABLE: dict[str, tuple[str, dict[str, Any], dict[str, str], Activity]] = {
    "pull request": ("pull_request", payloads.pull_request(), {}, pull_request()),
    "opened": ("pull_request", payloads.pull_request("opened"), {}, pull_request()),
    "draft": ("pull_request", payloads.pull_request(draft=True), {}, pull_request()),
    "of a bot": (
        "pull_request",
        payloads.pull_request(sender="dependabot[bot]"),
        {},
        pull_request(),
    ),
    "private": (
        "pull_request",
        payloads.pull_request(private=True),
        {},
        pull_request(public=False),
    ),
    "from a fork": (
        "pull_request",
        payloads.pull_request(head_repository=FORKED),
        {},
        pull_request(fork=True),
    ),
    "from a fork that is gone": (
        "pull_request",
        payloads.pull_request(deleted=True),
        {},
        pull_request(fork=True),
    ),
    "target": (
        "pull_request_target",
        payloads.pull_request(head_repository=FORKED),
        {},
        pull_request(fork=True),
    ),
    "another base": (
        "pull_request",
        payloads.pull_request(),
        {"base": "release"},
        Compare(
            NamedRev("release", "release"),
            CHANGE,
            direct=False,
            pull_request=OnPullRequest(7, HEAD, fork=False, public=True),
        ),
    ),
    "closed": ("pull_request", payloads.pull_request("closed"), {}, CLOSED),
    "target closed": ("pull_request_target", payloads.pull_request("closed"), {}, CLOSED),
    "workflow run": (
        "workflow_run",
        payloads.workflow_run(),
        {"report": "in/report.json"},
        PublishReport("in/report.json", FORK, "more-data", HEAD, RUN, public=True),
    ),
    "workflow run in private": (
        "workflow_run",
        payloads.workflow_run(private=True),
        {"report": "r"},
        PublishReport("r", FORK, "more-data", HEAD, RUN, public=False),
    ),
    "workflow run of a push": (
        "workflow_run",
        payloads.workflow_run(event="push"),
        {"report": "r"},
        Nothing("not-a-pull-request"),
    ),
    "workflow run of a fork that is gone": (
        "workflow_run",
        payloads.workflow_run(head_repository=None),
        {"report": "r"},
        Nothing("fork-deleted"),
    ),
    "merge queue": (
        "merge_group",
        payloads.merge_group(),
        {},
        Compare(MAIN, NamedRev(HEAD, f"gh-readonly-queue/main/pr-7-{BASE}"), direct=True),
    ),
    "push": (
        "push",
        payloads.push(),
        {},
        Compare(NamedRev(BASE, BASE[:7]), NamedRev(HEAD, "main"), direct=True),
    ),
    "push with an issue": (
        "push",
        payloads.push(),
        {"issue": "stale"},
        Compare(NamedRev(BASE, BASE[:7]), NamedRev(HEAD, "main"), direct=True, issue="main"),
    ),
    "first push with an issue": (
        "push",
        payloads.push(before=ZEROS),
        {"issue": "stale"},
        CheckCommit(NamedRev(HEAD, "main"), issue="main"),
    ),
    "push of another branch with an issue": (
        "push",
        payloads.push("refs/heads/more-data", before=ZEROS),
        {"issue": "stale"},
        Compare(NamedRev("main", "main"), CHANGE, direct=False),
    ),
    "push with a base and an issue": (
        "push",
        payloads.push(),
        {"base": "v1.0", "issue": "stale"},
        Compare(NamedRev("v1.0", "v1.0"), NamedRev(HEAD, "main"), direct=False),
    ),
    "pull request with an issue": (
        "pull_request",
        payloads.pull_request(),
        {"issue": "stale"},
        pull_request(),
    ),
    "by hand with an issue": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"issue": "stale"},
        CheckCommit(NamedRev("HEAD", "HEAD"), check=False, audit=Audit(), issue="main"),
    ),
    "forced push": (
        "push",
        payloads.push("refs/heads/more/data", forced=True),
        {},
        Compare(
            NamedRev(BASE, BASE[:7]),
            NamedRev(HEAD, "more/data"),
            direct=True,
            instead=Compare(NamedRev("main", "main"), NamedRev(HEAD, "more/data"), direct=False),
        ),
    ),
    "forced push of the default branch": (
        "push",
        payloads.push(forced=True),
        {},
        Compare(
            NamedRev(BASE, BASE[:7]),
            NamedRev(HEAD, "main"),
            direct=True,
            instead=CheckCommit(NamedRev(HEAD, "main")),
        ),
    ),
    "first push of the default branch": (
        "push",
        payloads.push(before=ZEROS),
        {},
        CheckCommit(NamedRev(HEAD, "main")),
    ),
    "first push": (
        "push",
        payloads.push("refs/heads/more-data", before=ZEROS),
        {},
        Compare(NamedRev("main", "main"), CHANGE, direct=False),
    ),
    "push with a base": (
        "push",
        payloads.push(),
        {"base": "v1.0"},
        Compare(NamedRev("v1.0", "v1.0"), NamedRev(HEAD, "main"), direct=False),
    ),
    "deleted branch": ("push", payloads.push(after=ZEROS), {}, Nothing("deleted")),
    "tag": (
        "push",
        payloads.push("refs/tags/v1.0", before=ZEROS),
        {},
        CheckCommit(NamedRev(HEAD, "refs/tags/v1.0")),
    ),
    "version of a model": (
        "push",
        payloads.push("refs/tags/churn@v1.2.0", before=ZEROS),
        {},
        CheckPromotion("churn@v1.2.0", "main", pushed=HEAD),
    ),
    "stage of a model": (
        "push",
        payloads.push("refs/tags/eu=churn#prod#3", before=ZEROS),
        {},
        CheckPromotion("eu=churn#prod#3", "main", pushed=HEAD),
    ),
    "a tag moved": (
        "push",
        payloads.push("refs/tags/churn#prod", forced=True),
        {},
        CheckPromotion("churn#prod", "main", pushed=HEAD),
    ),
    "withdrawn version": (
        "push",
        payloads.push("refs/tags/churn@v1.2.0!#4", before=ZEROS),
        {},
        Nothing("withdrawn"),
    ),
    "withdrawn stage": (
        "push",
        payloads.push("refs/tags/churn#prod!#4", before=ZEROS),
        {},
        Nothing("withdrawn"),
    ),
    "deprecated model": (
        "push",
        payloads.push("refs/tags/churn@deprecated", before=ZEROS),
        {},
        Nothing("withdrawn"),
    ),
    "deleted version": (
        "push",
        payloads.push("refs/tags/churn@v1.2.0", after=ZEROS),
        {},
        Nothing("deleted"),
    ),
    "a branch named as a version": (
        "push",
        payloads.push("refs/heads/churn@v1.2.0", before=ZEROS),
        {},
        Compare(NamedRev("main", "main"), NamedRev(HEAD, "churn@v1.2.0"), direct=False),
    ),
    "promotion by hand": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"gate": "churn@v1.2.0", "stage": "prod"},
        CheckPromotion("churn@v1.2.0", "main", "prod"),
    ),
    "deleted tag": ("push", payloads.push("refs/tags/v1.0", after=ZEROS), {}, Nothing("deleted")),
    "by hand": (
        "workflow_dispatch",
        payloads.by_hand(base="v1.0"),
        {"base": "v1.0", "head": "main"},
        Compare(NamedRev("v1.0", "v1.0"), NamedRev("main", "main"), direct=False, check=False),
    ),
    "by hand, one commit": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"head": "v2"},
        CheckCommit(NamedRev("v2", "v2"), check=False, audit=Audit(pinned=True)),
    ),
    "by hand, with a question": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"model": "churn@v1.2.0", "data": "data/raw.csv", "since": "fix"},
        CheckCommit(
            NamedRev("HEAD", "HEAD"),
            check=False,
            audit=Audit(models=("churn@v1.2.0",), data="data/raw.csv", since="fix"),
        ),
    ),
    "by hand, two models": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"model": " churn \n\nmodels/price.pkl\n"},
        CheckCommit(
            NamedRev("HEAD", "HEAD"), check=False, audit=Audit(models=("churn", "models/price.pkl"))
        ),
    ),
    "schedule": (
        "schedule",
        payloads.schedule(),
        {},
        CheckCommit(NamedRev("HEAD", "HEAD"), check=False, audit=Audit()),
    ),
    "schedule with a base": (
        "schedule",
        payloads.schedule(),
        {"base": "production"},
        Compare(
            NamedRev("production", "production"),
            NamedRev("HEAD", "HEAD"),
            direct=False,
            check=False,
        ),
    ),
}


@pytest.mark.parametrize(("name", "payload", "inputs", "wanted"), TABLE.values(), ids=TABLE)
def test_each_event_asks_for_its_activity(
    name: str, payload: dict[str, Any], inputs: dict[str, str], wanted: Activity
) -> None:
    assert decided(name, payload, **inputs) == wanted


def test_the_table_holds_every_event() -> None:
    assert {row[0] for row in TABLE.values()} == set(EVENTS)


WRONG: dict[str, tuple[str, object, dict[str, str], str]] = {
    "unknown event": ("issue_comment", {}, {}, "Run the workflow on pull_request"),
    "not JSON": ("push", "{", {}, "not a payload of the event `push`"),
    "not an object": ("push", [], {}, "not a payload of the event `push`"),
    "another event's": ("pull_request", payloads.push(), {}, "missing required field `action`"),
    "a commit that is none": ("push", payloads.push(after="--all"), {}, "$.after"),
    "a repository that is none": (
        "push",
        payloads.push() | {"repository": payloads.repository() | {"full_name": "../x"}},
        {},
        "$.repository.full_name",
    ),
    "workflow run without a report": ("workflow_run", payloads.workflow_run(), {}, "`report`"),
    "workflow run that goes on": (
        "workflow_run",
        payloads.workflow_run("requested"),
        {"report": "r"},
        "types: [completed]",
    ),
    "a report elsewhere": (
        "pull_request",
        payloads.pull_request(),
        {"report": "r"},
        "is for the event `workflow_run`",
    ),
    "an audit of a pull request": (
        "pull_request",
        payloads.pull_request(),
        {"data": "raw.csv"},
        "`data` is for an audit",
    ),
    "an audit of two commits": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"base": "main", "model": "churn"},
        "`model` is for an audit",
    ),
    "a promotion of a pull request": (
        "pull_request",
        payloads.pull_request(),
        {"gate": "churn@v1.2.0"},
        "`gate` is for a promotion",
    ),
    "a promotion of two commits": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"gate": "churn@v1.2.0", "base": "main"},
        "`gate` is for a promotion",
    ),
    "a promotion of a schedule": (
        "schedule",
        payloads.schedule(),
        {"gate": "churn@v1.2.0"},
        "`gate` is for a promotion",
    ),
    "a stage of no version": (
        "workflow_dispatch",
        payloads.by_hand(),
        {"stage": "prod"},
        "needs the input `gate`",
    ),
    "data that was fixed, and no data": (
        "schedule",
        payloads.schedule(),
        {"since": "main"},
        "needs the input `data`",
    ),
}


# What to do instead, of all but the payloads that are not valid.
HINTS = {
    "workflow run without a report": "Download the artifact of the run that ended, and name its "
    "`report.json`.",
    "workflow run that goes on": "Write `types: [completed]` under `workflow_run`.",
    "a report elsewhere": "Remove it: on this event the commits are compared.",
    "an audit of a pull request": "Use it on `workflow_dispatch` or `schedule`, without `base`.",
    "an audit of two commits": "Use it on `workflow_dispatch` or `schedule`, without `base`.",
    **dict.fromkeys(
        (
            "a promotion of a pull request",
            "a promotion of two commits",
            "a promotion of a schedule",
        ),
        "Use it on `workflow_dispatch`, without `base`, `head`, `model` and `data`.",
    ),
    "a stage of no version": "Name the version to promote, such as churn@v1.2.0.",
    "data that was fixed, and no data": "Name the data that the commit fixed: a path, a hash or "
    "REV:PATH.",
}


@pytest.mark.parametrize("case", HINTS)
def test_the_error_says_what_to_do_instead(case: str) -> None:
    name, payload, inputs, _ = WRONG[case]
    given = {f"INPUT_{key.upper()}": value for key, value in inputs.items()}
    with pytest.raises(InputError) as raised:
        activity(parse_event(name, json.dumps(payload).encode(), "e.json"), read_inputs(given))
    assert raised.value.hint == HINTS[case]


@pytest.mark.parametrize(("name", "payload", "inputs", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_said_in_one_line(
    name: str, payload: object, inputs: dict[str, str], message: str
) -> None:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    given = {f"INPUT_{key.upper()}": value for key, value in inputs.items()}
    with pytest.raises(InputError) as raised:
        activity(parse_event(name, text.encode(), "event.json"), read_inputs(given))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
