"""The issue on what a branch leaves stale: one open one of the newest commit, whatever happens."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations, product
from pathlib import Path

import pytest

from tests.publish.branch import NAME, Branch, State, make_branch
from tests.support.github import CUT_AFTER, EVERY_FAULT, Fault, GitHubServer, error, interleave

PASSING = ("500", "502", "503", "403 with Retry-After", "429 with Retry-After", "slow")

pytestmark = pytest.mark.parametrize("github", ["github.com"], indirect=True)


@pytest.fixture
def branch(tmp_path: Path, github: GitHubServer) -> Branch:
    return make_branch(tmp_path / "models", github)


def assert_right(branch: Branch, number: int, state: State, what: object) -> None:
    """One open issue on that commit; none if it is fresh."""
    ours = branch.ours()
    assert len(ours) == (0 if state == "fresh" else 1), (what, ours)
    for one in ours:
        assert f" head={branch.commits[number]} run=" in one.body, (what, one)
        assert one.body.endswith(f"About {number}: {state}\n"), (what, one)
        assert one.title == f"Number {number} is {state}"


STORIES: list[tuple[tuple[State, ...], State, str, int]] = [
    # What there was, what is so now, what is done, how many issues are open then.
    ((), "stale", "created", 1),
    ((), "unknown", "nothing", 0),
    ((), "fresh", "nothing", 0),
    (("stale",), "stale", "updated", 1),
    (("stale",), "unknown", "updated", 1),
    (("stale",), "fresh", "closed", 0),
    (("stale", "unknown"), "fresh", "closed", 0),
    (("stale", "fresh"), "stale", "created", 1),
]


@pytest.mark.parametrize(("before", "now", "done", "count"), STORIES)
def test_an_issue_is_open_while_something_is_stale_or_unknown(
    branch: Branch, before: tuple[State, ...], now: State, done: str, count: int
) -> None:
    for number, state in enumerate(before):
        branch.publish(0, state, run=number + 1)
    branch.push(1)
    published = branch.publish(1, now, run=9)
    assert (published.done, published.notes) == (done, ())
    assert len(branch.ours()) == count
    assert [one.state_reason for one in branch.ours("closed")] == ["completed"] * (
        (now == "fresh" and bool(before)) + ("fresh" in before)
    )
    # The same commit once more changes nothing.
    writes = len([one for one in branch.server.log if one.writes])
    assert branch.publish(1, now, run=10).done in ("unchanged", "nothing")
    assert len([one for one in branch.server.log if one.writes]) == writes


def test_an_older_run_neither_writes_over_nor_closes_what_a_newer_one_wrote(
    branch: Branch,
) -> None:
    branch.publish(0, "stale", run=1)
    branch.push(1)
    branch.publish(1, "stale", run=2)
    for state in ("stale", "unknown", "fresh"):
        late = branch.publish(0, state, run=1)
        assert [note.why for note in late.notes] == ["superseded"]
        assert_right(branch, 1, "stale", state)
    # A run of the same commit that began earlier, with other settings.
    late = branch.publish(1, "fresh", run=1)
    assert [note.why for note in late.notes] == ["superseded"]
    assert_right(branch, 1, "stale", "the same commit")


def test_issues_of_others_are_left_alone(branch: Branch) -> None:
    state = branch.server.state
    marker = f"<!-- lineage-diff id=lineage-diff head={branch.commits[0]} run=1.1 -->\nForged"
    forged = state.add_issue(NAME, "Ours?", marker, user="mallory")
    other = state.add_issue(NAME, "Of another id", marker.replace("id=lineage-diff", "id=vision"))
    plain = state.add_issue(NAME, "Of another workflow", "No marker")
    assert branch.publish(0, "stale", run=2).done == "created"
    assert branch.publish(0, "fresh", run=3).done == "closed"
    assert [state.issues[one.id] for one in (forged, other, plain)] == [forged, other, plain]


def test_a_forged_later_run_does_not_stop_us(branch: Branch) -> None:
    branch.publish(0, "stale", run=2)
    (ours,) = branch.ours()
    body = ours.body.replace("run=2.1", "run=999999.1")
    branch.server.state.edit_issue(ours, user="mallory", body=body)
    assert branch.publish(0, "unknown", run=3).done == "updated"
    assert_right(branch, 0, "unknown", "forged")


def test_doubles_are_closed_and_the_oldest_stays(branch: Branch) -> None:
    branch.publish(0, "stale")
    (ours,) = branch.ours()
    for _ in range(2):
        branch.server.state.add_issue(NAME, ours.title, ours.body)
    assert branch.publish(0, "stale", run=2).done == "unchanged"
    assert [one.id for one in branch.ours()] == [ours.id]


def test_one_that_was_closed_by_hand_is_left_closed(branch: Branch) -> None:
    branch.publish(0, "stale")
    (ours,) = branch.ours()
    branch.server.state.edit_issue(ours, user="octo", state="closed")
    branch.push(1)
    assert branch.publish(1, "unknown", run=2).done == "nothing"
    assert branch.publish(1, "stale", run=3).done == "created"
    assert len(branch.ours("closed")) == 1


@pytest.mark.parametrize(
    ("access", "why"),
    [({"contents": "read", "issues": "read"}, "forbidden"), ({"issues": "write"}, "forbidden")],
)
def test_what_the_token_may_not_do_is_a_note(
    tmp_path: Path, github: GitHubServer, access: dict[str, str], why: str
) -> None:
    branch = make_branch(tmp_path / "models", github)
    github.state.repositories[NAME] = github.state.add_repository(
        NAME, git=branch.repo.path, private=True
    )
    done = branch.publish(0, "stale", token=github.token(**access))  # type: ignore[arg-type]
    assert [(note.what, note.why) for note in done.notes] == [("issue", why)]
    assert not branch.ours()


CASES: list[tuple[tuple[State, ...], State]] = [
    ((), "stale"),
    (("stale",), "stale"),
    (("stale",), "unknown"),
    (("stale",), "fresh"),
]


@pytest.mark.parametrize(("there", "now"), CASES, ids=str)
@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_one_issue_or_the_old_one_whatever_fails_once(
    branch: Branch, there: tuple[State, ...], now: State, fault: Fault
) -> None:
    for number in range(1, requests_of_a_run(branch, there, now) + 1):
        branch.start_again(*there)
        branch.push(1)
        old = [(one.title, one.body) for one in branch.ours()]
        first = len(branch.server.log)
        branch.server.faults.at(first + number, fault)
        done = branch.publish(1, now, run=2)
        left = [(one.title, one.body) for one in branch.ours()]
        if left == old and done.done == "nothing":
            assert done.notes or now == "fresh", number
        elif done.done != "nothing" or now != "fresh":
            assert_right(branch, 1, now, (number, done))
        failed = branch.server.log[first + number - 1]
        if not (failed.method == "DELETE" and "/reactions/" in failed.path):
            assert not branch.server.state.reactions, number
        if fault.name in PASSING:
            assert not done.notes, (number, done)
            assert len(left) == (0 if now == "fresh" else 1), number
        # The next run mends what is left.
        branch.server.state.pass_time(120)
        branch.publish(1, now, run=3)
        assert_right(branch, 1, now, number)


@pytest.mark.parametrize(("there", "now"), CASES, ids=str)
@pytest.mark.parametrize(
    "fault", [error(502), error(403), error(429, retry_after=60), CUT_AFTER], ids=lambda f: f.name
)
def test_never_two_where_everything_fails_from_some_request_on(
    branch: Branch, there: tuple[State, ...], now: State, fault: Fault
) -> None:
    for number in range(1, requests_of_a_run(branch, there, now) + 1):
        branch.start_again(*there)
        branch.push(1)
        branch.server.faults.at(len(branch.server.log) + number, fault, times=None)
        branch.publish(1, now, run=2)
        assert len(branch.ours()) <= (2 if fault is CUT_AFTER else 1), number
        branch.server.faults.clear()
        branch.server.state.pass_time(120)
        branch.publish(1, now, run=3)
        assert_right(branch, 1, now, number)


def requests_of_a_run(branch: Branch, there: tuple[State, ...], now: State) -> int:
    branch.start_again(*there)
    branch.push(1)
    before = len(branch.server.log)
    branch.publish(1, now, run=2)
    return len(branch.server.log) - before


def orders(first: int, second: int) -> Iterator[list[int]]:
    """Yield every order of so many requests of two runs."""
    length = first + second
    for places in combinations(range(length), first):
        yield [0 if place in places else 1 for place in range(length)]


def race(branch: Branch, order: list[int | str], runs: dict[int, tuple[int, State]]) -> None:
    """Run runs, each by its number with its commit and state; `push` moves the tip by one."""
    tokens = {number: branch.token(f"run {number}") for number in runs}
    tip = 0

    def asking() -> Iterator[str]:
        nonlocal tip
        for step in order:
            if isinstance(step, str):
                tip += 1
                branch.push(tip)
            else:
                yield tokens[step]

    work = {
        tokens[number]: partial(branch.publish, commit, state, 10 + number, tokens[number])
        for number, (commit, state) in runs.items()
    }
    interleave(branch.server.gate, work, asking())


@pytest.mark.parametrize("there", [(), ("stale",)], ids=["the first issue", "an update"])
def test_of_two_runs_of_one_commit_one_issue_stays(
    branch: Branch, there: tuple[State, ...]
) -> None:
    for rest in orders(4, 3):
        branch.start_again(*there)
        branch.push(1)
        # The first requests change nothing: the tip, and who we are.
        order: list[int | str] = [0, 1, 0, 1, *rest]
        race(branch, order, {0: (1, "stale"), 1: (1, "stale")})
        assert_right(branch, 1, "stale", rest)
        assert not branch.server.state.reactions, rest


@pytest.mark.parametrize(
    ("there", "older", "newer"),
    [
        ((), "stale", "stale"),
        ((), "stale", "fresh"),
        (("stale",), "fresh", "stale"),
        (("stale",), "stale", "fresh"),
    ],
    ids=str,
)
def test_of_two_commits_the_newer_counts_wherever_the_push_comes(
    branch: Branch, there: tuple[State, ...], older: State, newer: State
) -> None:
    for before, between in product(range(10), (0, 3, 6, 9)):
        branch.start_again(*there)
        order: list[int | str] = [*[0] * before, "push", *[1] * between, *[0] * 20]
        race(branch, order, {0: (0, older), 1: (1, newer)})
        assert_right(branch, 1, newer, order)
        assert not branch.server.state.reactions, order
