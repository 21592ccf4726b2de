"""The state that a comment keeps from one push to the next."""

import pytest

from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.github.comments.state import earlier_state, with_states
from lineage_diff.forge.publication import STATE_LENGTH, Comment, Earlier, ImageUrls, Published
from tests.publish.conftest import IMAGES, NAME, NEW, NEWEST, OLD, Place, target

MARKER = "<!-- lineage-diff id=lineage-diff head={} run={}.1 -->\n"


def _comment(head: str, state: str | None = None) -> Comment:
    def text(urls: ImageUrls | None) -> str:
        return f"About {head[0]}\n"

    def since(urls: ImageUrls | None, earlier: Earlier) -> str:
        return f"About {head[0]} since {earlier.head_commit[0]}: {earlier.state}\n"

    return Comment(
        text, create=True, state=head[0] * 3 if state is None else state, text_since=since
    )


def _publish(place: Place, head: str, run: int, state: str | None = None) -> Published:
    return publish_comment(place.github(), target(head, run), _comment(head, state))


def _told(place: Place) -> list[str]:
    return [body.splitlines()[1] for body in place.bodies()]


def test_a_push_is_compared_with_the_one_before(place: Place) -> None:
    _publish(place, OLD, 1)
    assert _told(place) == ["About a"]
    place.push(NEW)
    _publish(place, NEW, 2)
    assert _told(place) == ["About c since a: aaa"]
    place.push(NEWEST)
    _publish(place, NEWEST, 3)
    assert _told(place) == ["About d since c: ccc"]
    assert place.bodies()[0].endswith(f"\n\n<!-- lineage-diff now=ddd was={NEW}.ccc -->\n")


def test_a_rerun_of_a_head_is_not_a_push(place: Place) -> None:
    _publish(place, OLD, 1)
    assert _publish(place, OLD, 2).done == "unchanged"
    assert _told(place) == ["About a"]
    assert _publish(place, OLD, 3, "other").done == "updated"
    assert _told(place) == ["About a"]
    place.push(NEW)
    _publish(place, NEW, 4)
    # Another run of this head neither takes the line away nor compares the head with itself.
    assert _publish(place, NEW, 5).done == "unchanged"
    assert _publish(place, NEW, 6, "again").done == "updated"
    assert _told(place) == ["About c since a: other"]


def test_a_push_back_to_an_older_head_is_compared_with_the_newer(place: Place) -> None:
    _publish(place, OLD, 1)
    place.push(NEW)
    _publish(place, NEW, 2)
    place.push(OLD)
    _publish(place, OLD, 3)
    assert _told(place) == ["About a since c: ccc"]


def test_the_run_of_a_head_that_was_pushed_over_changes_nothing(place: Place) -> None:
    _publish(place, OLD, 1)
    place.push(NEWEST)
    assert _publish(place, NEW, 2).done == "nothing"
    _publish(place, NEWEST, 3)
    assert _told(place) == ["About d since a: aaa"]


def test_a_comment_without_a_state_says_nothing_of_the_push(place: Place) -> None:
    place.publish()
    place.push(NEW)
    _publish(place, NEW, 2)
    assert _told(place) == ["About c"]


@pytest.mark.parametrize("user", ["stranger", "member", "another-app[bot]"])
def test_the_state_of_a_comment_by_someone_else_counts_for_nothing(place: Place, user: str) -> None:
    state = place.server.state
    state.collaborators.add((NAME, "member"))
    forged = MARKER.format(OLD, 1) + with_states("Mine", "evil", None)
    state.add_comment(state.pulls[NAME, 1], forged, user=user)
    place.push(NEW)
    _publish(place, NEW, 2)
    assert place.bodies()[1].splitlines()[1] == "About c"


BODY = MARKER.format(OLD, 1)


@pytest.mark.parametrize(
    ("body", "earlier"),
    [
        (BODY + with_states("text", "abc", None), Earlier(OLD, "abc")),
        (BODY + with_states("text", "abc", None).replace("\n", "\r\n"), Earlier(OLD, "abc")),
        (BODY + with_states("text", "abc", Earlier(NEWEST, "x")), Earlier(OLD, "abc")),
        (MARKER.format(NEW, 1) + with_states("text", "abc", Earlier(OLD, "x")), Earlier(OLD, "x")),
        (MARKER.format(NEW, 1) + with_states("text", "abc", None), None),
        (with_states("text", "abc", None), None),
        (BODY + "text", None),
        (BODY + with_states("text", "abc", None) + "more", None),
        (BODY + with_states("text", "a" * (STATE_LENGTH + 1), None), None),
        (BODY + with_states("text", "a b", None), None),
        (BODY + with_states("text", "a-->", None), None),
        (BODY + "<!-- lineage-diff now=abc was=xyz.abc -->", None),
        (BODY + "<!-- lineage-diff now= -->", None),
        (BODY + "> <!-- lineage-diff now=abc -->", None),
    ],
)
def test_only_a_whole_last_line_is_a_state(body: str, earlier: Earlier | None) -> None:
    assert earlier_state(body, NEW) == earlier


def test_pictures_and_a_state_go_together(place: Place) -> None:
    _publish(place, OLD, 1)
    place.push(NEW)
    comment = _comment(NEW)
    with_images = Comment(comment.text, True, IMAGES, comment.state, comment.text_since)
    for run, done in ((2, "updated"), (3, "unchanged")):
        made = publish_comment(place.github(), target(NEW, run), with_images)
        assert made.done == done
    assert _told(place) == ["About c since a: aaa"]
