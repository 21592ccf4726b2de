"""What to do with the comments that are there: every run decides alike."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.publish.comment_plan import doubtful, is_newer, made_by, ours, same, trusting
from lineage_diff.publish.comments import Found
from lineage_diff.publish.marker import Marker, with_marker
from lineage_diff.publish.publication import Run

HEADS = ("a" * 40, "b" * 40)
MARKERS = st.builds(
    Marker,
    id=st.sampled_from(["lineage-diff", "ranking"]),
    head_commit=st.sampled_from(HEADS),
    run=st.builds(Run, st.integers(1, 3), st.integers(1, 2)),
)
BODIES = st.one_of(
    st.builds(with_marker, MARKERS, st.sampled_from(["one\n", "two\n"])),
    st.builds("> {}".format, st.builds(with_marker, MARKERS, st.just("quoted"))),
    st.just("Looks good"),
)
FOUND = st.builds(
    Found,
    id=st.integers(1, 99),
    body=BODIES,
    url=st.just(""),
    trusted=st.booleans(),
    author=st.sampled_from(["", "github-actions[bot]", "somebody"]),
)
LISTS = st.lists(FOUND, max_size=8, unique_by=lambda one: one.id)


@given(LISTS, st.randoms())
def test_the_oldest_of_ours_stays_in_whatever_order_they_come(
    comments: list[Found], chance: Random
) -> None:
    plan = ours(comments, "ranking")
    shuffled = list(comments)
    chance.shuffle(shuffled)
    assert ours(shuffled, "ranking") == plan
    expected = sorted(
        one.id
        for one in comments
        if one.trusted and one.body.startswith("<!-- lineage-diff id=ranking head=")
    )
    kept = [] if plan.stays is None else [plan.stays]
    assert [one.id for one in (*kept, *plan.copies)] == expected


@given(LISTS, st.sets(st.integers(1, 99)))
def test_what_is_not_ours_to_edit_neither_stays_nor_goes(
    comments: list[Found], without: set[int]
) -> None:
    plan = ours(comments, "ranking", without)
    assert plan == ours([one for one in comments if one.id not in without], "ranking")


@given(LISTS)
def test_a_stranger_s_comment_counts_only_for_the_stranger_s_own_token(
    comments: list[Found],
) -> None:
    assert trusting(comments, None) == tuple(comments)
    trusted = trusting(comments, "somebody")
    assert {one.id for one in trusted if one.trusted} == {
        one.id for one in comments if one.trusted or one.author == "somebody"
    }
    # Nobody asks for the token's user where that can change nothing.
    if not doubtful(comments, "ranking"):
        assert ours(trusted, "ranking") == ours(comments, "ranking")


@given(MARKERS, MARKERS)
def test_of_one_commit_the_later_run_is_newer_and_never_both(one: Marker, other: Marker) -> None:
    def newer(there: Marker, than: Marker) -> bool:
        return is_newer(Found(1, with_marker(there, "text"), "", True), than)

    alike = (one.id, one.head_commit) == (other.id, other.head_commit)
    assert newer(one, other) == (alike and one.run > other.run)
    assert not (newer(one, other) and newer(other, one))


OURS = Marker("lineage-diff", HEADS[0], Run(5, 1))


@pytest.mark.parametrize(
    ("body", "alike"),
    [
        (with_marker(OURS, "text\n"), True),
        (with_marker(OURS, "text"), True),
        (with_marker(OURS, "text\n").replace("\n", "\r\n"), True),
        (with_marker(Marker("lineage-diff", HEADS[0], Run(4, 1)), "text\n"), True),
        (with_marker(Marker("lineage-diff", HEADS[1], Run(5, 1)), "text\n"), False),
        (with_marker(OURS, "other"), False),
        (with_marker(OURS, " text"), False),
        ("text\n", False),
        ("", False),
    ],
)
def test_the_same_is_said_of_the_same_commit(body: str, alike: bool) -> None:
    assert same(Found(1, body, "", True), OURS, "text\n") == alike


def test_what_a_lost_answer_made_is_found_by_its_whole_body() -> None:
    body = with_marker(OURS, "text\n")
    mine = Found(7, body.rstrip(), "", True)
    others = [
        Found(3, body, "", False),
        Found(4, with_marker(OURS, "other"), "", True),
        Found(5, f"{body}more", "", True),
        Found(9, body, "", True),
    ]
    assert made_by([*others, mine], OURS, "text\n") == mine
    assert made_by(others[:3], OURS, "text\n") is None
