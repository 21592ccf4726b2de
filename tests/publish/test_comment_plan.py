"""What to do with the comments that are there: every run decides the same."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.forge.github.comments.api import FoundComment
from lineage_diff.forge.github.comments.plan import (
    classify_comments,
    find_exact,
    find_marked,
)
from lineage_diff.forge.github.marker import Marker, is_newer_body, is_same_body, with_marker
from lineage_diff.forge.publication import RunAttempt

BOT = "github-actions[bot]"
HEADS = ("a" * 40, "b" * 40)
MARKERS = st.builds(
    Marker,
    id=st.sampled_from(["lineage-diff", "ranking"]),
    head_commit=st.sampled_from(HEADS),
    run=st.builds(RunAttempt, st.integers(1, 3), st.integers(1, 2)),
)
BODIES = st.one_of(
    st.builds(with_marker, MARKERS, st.sampled_from(["one\n", "two\n"])),
    st.builds("> {}".format, st.builds(with_marker, MARKERS, st.just("quoted"))),
    st.just("Looks good"),
)
FOUND = st.builds(
    FoundComment,
    id=st.integers(1, 99),
    body=BODIES,
    url=st.just(""),
    author=st.sampled_from(["", BOT, "somebody"]),
)
LISTS = st.lists(FOUND, max_size=8, unique_by=lambda one: one.id)


@given(LISTS, st.randoms())
def test_the_oldest_of_ours_stays_in_whatever_order_they_come(
    comments: list[FoundComment], chance: Random
) -> None:
    plan = classify_comments(find_marked(comments, "ranking"), BOT)
    shuffled = list(comments)
    chance.shuffle(shuffled)
    assert classify_comments(find_marked(shuffled, "ranking"), BOT) == plan
    begun = [c for c in comments if c.body.startswith("<!-- lineage-diff id=ranking head=")]
    assert [one.id for one in plan.all] == sorted(c.id for c in begun if c.author == BOT)
    others = [c for c in begun if c.author != BOT]
    assert plan.imitation == (min(others) if others else None)


@given(LISTS)
def test_no_comment_of_another_user_is_ours_whatever_it_says(comments: list[FoundComment]) -> None:
    for login in (BOT, "somebody"):
        plan = classify_comments(find_marked(comments, "ranking"), login)
        assert all(one.author == login for one in plan.all)


@given(MARKERS, MARKERS)
def test_of_one_commit_the_later_run_is_newer_and_never_both(one: Marker, other: Marker) -> None:
    def newer(there: Marker, than: Marker) -> bool:
        return is_newer_body(with_marker(there, "text"), than)

    same = (one.id, one.head_commit) == (other.id, other.head_commit)
    assert newer(one, other) == (same and one.run > other.run)
    assert not (newer(one, other) and newer(other, one))


OURS = Marker("lineage-diff", HEADS[0], RunAttempt(5, 1))


@pytest.mark.parametrize(
    ("body", "same"),
    [
        (with_marker(OURS, "text\n"), True),
        (with_marker(OURS, "text"), True),
        (with_marker(OURS, "text\n").replace("\n", "\r\n"), True),
        (with_marker(Marker("lineage-diff", HEADS[0], RunAttempt(4, 1)), "text\n"), True),
        (with_marker(Marker("lineage-diff", HEADS[1], RunAttempt(5, 1)), "text\n"), False),
        (with_marker(OURS, "other"), False),
        (with_marker(OURS, " text"), False),
        ("text\n", False),
        ("", False),
    ],
)
def test_the_same_is_said_of_the_same_commit(body: str, same: bool) -> None:
    assert is_same_body(body, OURS, "text\n") == same


def test_what_a_lost_answer_made_is_found_by_its_whole_body() -> None:
    body = with_marker(OURS, "text\n")
    mine = FoundComment(7, body.rstrip(), "", BOT)
    others = [
        FoundComment(4, with_marker(OURS, "other"), "", BOT),
        FoundComment(5, f"{body}more", "", BOT),
        FoundComment(9, body, "", BOT),
    ]
    assert find_exact([mine, *others], OURS, "text\n") == mine
    crlf = replace(mine, body=mine.body.replace("\n", "\r\n"))
    assert find_exact([crlf, *others], OURS, "text\n") == crlf
    assert find_exact(others[:2], OURS, "text\n") is None
    assert find_exact(others, OURS, "text\n") == others[2]
    other = replace(OURS, head_commit=HEADS[1])
    assert find_exact([mine, *others], other, "text\n") is None
