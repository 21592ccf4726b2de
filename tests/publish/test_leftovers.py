"""What a run could not clean up, the next one does, or the one of the closing."""

import pytest

from lineage_diff.forge.github.comments.leftovers import clear
from tests.publish.conftest import IMAGES, NAME, NEW, OLD, Place
from tests.support.github import error

REACTION, REF = r"/repos/.*/reactions/\d+", r"/repos/.*/git/refs/.*"


def leave(place: Place, path: str) -> None:
    """Have a run of the newer head that cannot delete one thing at its end."""
    place.publish(OLD, images=IMAGES)
    place.push(NEW)
    place.server.faults.on("DELETE", path, error(403), times=1)
    place.publish(NEW, run=2, images=IMAGES)
    assert place.server.state.reactions or len(place.refs()) == 2


@pytest.mark.parametrize("path", [REACTION, REF], ids=["lock", "pictures"])
def test_the_next_run_removes_what_a_failed_one_left(place: Place, path: str) -> None:
    leave(place, path)
    place.server.state.pass_time(3_600)
    assert place.publish(NEW, run=3, images=IMAGES).done == "unchanged"
    assert not place.server.state.reactions
    assert place.refs() == [f"refs/lineage-diff/pr-1/lineage-diff/{NEW[:12]}"]


def test_a_lock_that_may_be_in_use_is_left(place: Place) -> None:
    leave(place, REACTION)
    assert place.publish(NEW, run=3, images=IMAGES).done == "unchanged"
    assert place.server.state.reactions


def test_a_run_of_an_older_head_removes_nothing(place: Place) -> None:
    leave(place, REF)
    place.push(OLD)
    before = place.refs()
    place.publish(NEW, run=3, images=IMAGES)
    assert place.refs() == before


def test_a_run_without_a_comment_removes_pictures_too(place: Place) -> None:
    leave(place, REF)
    place.server.state.comments.clear()
    assert place.publish(NEW, run=3, create=False).done == "nothing"
    assert place.refs() == [f"refs/lineage-diff/pr-1/lineage-diff/{NEW[:12]}"]


@pytest.mark.parametrize("path", [REACTION, REF], ids=["lock", "pictures"])
def test_the_closing_removes_all(place: Place, path: str) -> None:
    leave(place, path)
    place.server.state.pass_time(3_600)
    assert clear(place.github(), NAME, 1) == ()
    assert (place.server.state.reactions, place.refs()) == ({}, [])


def test_eyes_of_others_stay(place: Place) -> None:
    place.publish()
    (ours,) = place.server.state.comments_of(NAME, 1)
    reader = place.server.token(user="somebody")
    path = f"/repos/{NAME}/issues/comments/{ours.id}/reactions"
    place.github(reader).ask_once("POST", path, {"content": "eyes"})
    place.server.state.pass_time(3_600)
    before = len(place.server.log)
    assert place.publish(run=2).done == "unchanged"
    assert place.writes(before) == []
    assert len(place.server.state.reactions) == 1
