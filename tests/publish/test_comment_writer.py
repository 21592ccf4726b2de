"""What one run does where another, a person or a closed pull request came between."""

from collections.abc import Iterator
from functools import partial

import pytest

from lineage_diff.forge.github.client import connect
from lineage_diff.forge.github.comments.api import comment_path
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.lock import hold_lock
from lineage_diff.forge.publication import Images, Note, Published
from tests.publish.conftest import IMAGES, NAME, NEW, OLD, Place
from tests.support.github import interleave

# More requests than one run makes.
STEPS = 14
HEAD = "<!-- lineage-diff id=lineage-diff head={} run={}.1 -->\n"


@pytest.mark.parametrize("before", range(STEPS))
def test_a_first_comment_that_a_push_overtook_is_taken_back(place: Place, before: int) -> None:
    """The newer head needs no comment unless there is one: none of the older may stay."""
    tokens = [place.token("older"), place.token("newer")]

    def asking() -> Iterator[str]:
        yield from [tokens[0]] * before
        place.push(NEW)
        yield from [tokens[1]] * STEPS

    runs = {
        tokens[0]: partial(place.publish, OLD, 1, tokens[0]),
        tokens[1]: partial(place.publish, NEW, 2, tokens[1], create=False),
    }
    interleave(place.server.gate, runs, asking())
    assert all(body.startswith(HEAD.format(NEW, 2)) for body in place.bodies())
    assert not place.server.state.reactions


def test_of_two_first_comments_the_later_one_is_deleted(place: Place) -> None:
    tokens = [place.token("one"), place.token("two")]
    runs = {
        token: partial(place.publish, OLD, number, token) for number, token in enumerate(tokens, 1)
    }
    done = interleave(place.server.gate, runs, tokens * STEPS)
    assert sorted(place.writes())[0].startswith("DELETE ")
    (body,) = place.bodies()
    assert body.endswith(f"About {OLD}, mermaid\n")
    assert {item.done for item in done.values()} <= {"created", "updated", "unchanged", "nothing"}


@pytest.mark.parametrize(
    ("pictures", "moment"), [(None, 1), (None, 2), (IMAGES, 1), (IMAGES, 2), (IMAGES, 3)]
)
def test_a_run_that_slept_before_it_writes_writes_no_more(
    place: Place, pictures: Images | None, moment: int
) -> None:
    """It sleeps while its text is asked for; the newer run breaks its lock, if there is one."""
    first = place.publish(OLD)
    calls: list[str] = []

    def said(head: str) -> str:
        calls.append(head)
        if len(calls) == moment:
            place.push(NEW)
            place.server.state.pass_time(61)
            assert place.publish(NEW, 3).done == "updated"
        return f"Once more {head}"

    older = place.publish(OLD, 2, place.token("older"), images=pictures, said=said)
    assert older == Published("nothing", first.url, (Note("comment", "superseded"),))
    (body,) = place.bodies()
    assert body.startswith(HEAD.format(NEW, 3))
    assert not place.server.state.reactions


def test_a_comment_that_is_not_ours_to_edit_is_passed_over(place: Place) -> None:
    state = place.server.state
    others = HEAD.format(OLD, 0) + "By the app"
    state.add_comment(state.pulls[NAME, 1], others)
    own = place.server.token(user="somebody")
    first = place.publish(run=1, token=own)
    assert (first.done, len(place.bodies())) == ("created", 2)
    place.push(NEW)
    second = place.publish(NEW, run=2, token=own)
    assert (second.done, second.url) == ("updated", first.url)
    assert place.bodies() == [others, HEAD.format(NEW, 2) + f"About {NEW}, mermaid\n"]


def test_pictures_come_back_when_a_pull_request_is_opened_again(place: Place) -> None:
    place.publish(images=IMAGES)
    bodies, refs = place.bodies(), place.refs()
    place.server.state.repositories[NAME].store.git("update-ref", "-d", refs[0])
    assert place.publish(run=2, images=IMAGES).done == "unchanged"
    assert (place.bodies(), place.refs()) == (bodies, refs)
    reader = place.token("reader", pull_requests="write", contents="read")
    place.server.state.repositories[NAME].store.git("update-ref", "-d", refs[0])
    done = place.publish(run=3, images=IMAGES, token=reader)
    assert done.notes == (Note("images", "forbidden", "Resource not accessible by integration"),)


def test_a_lock_is_let_go_however_late_it_is(place: Place) -> None:
    place.publish()
    (comment,) = place.server.state.comments_of(NAME, 1)
    with hold_lock(place.github(), comment_path(NAME, comment.id)) as may_write:
        assert may_write()
        assert len(place.server.state.reactions) == 1
        place.server.state.pass_time(1_000)
        assert not may_write()
    assert not place.server.state.reactions


def test_nothing_is_asked_when_the_time_is_over(place: Place) -> None:
    now = [0.0]
    github = connect(place.token(), place.server.api_url, clock=lambda: now[0])
    path = f"/repos/{NAME}/pulls/1"
    assert github.ask("GET", path).status == 200
    now[0] = 121.0
    before = len(place.server.log)
    for ask in (github.ask, github.ask_once):
        with pytest.raises(RefusedError):
            ask("GET", path, None)
    assert len(place.server.log) == before


def test_a_closed_pull_request_gets_no_more_pictures(place: Place) -> None:
    state = place.server.state
    place.publish(images=IMAGES)
    state.change_pull(state.pulls[NAME, 1], state="closed")
    place.push(NEW)
    assert place.publish(NEW, run=2, images=IMAGES).done == "updated"
    assert place.refs() == []
    assert place.bodies()[0].endswith("mermaid\n")
