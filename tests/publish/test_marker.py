import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.forge.github.marker import ID, Marker, is_same_body, read_marker, with_marker
from lineage_diff.forge.publication import RunAttempt

MARKERS = st.builds(
    Marker,
    id=st.from_regex(ID, fullmatch=True),
    head_commit=st.text("0123456789abcdef", min_size=40, max_size=40),
    run=st.builds(RunAttempt, st.integers(0, 10**18 - 1), st.integers(1, 999_999)),
)


@given(MARKERS, st.text())
def test_what_is_written_is_read(marker: Marker, text: str) -> None:
    text = text.replace("\r", "")
    assert read_marker(with_marker(marker, text)) == (marker, text)


@given(MARKERS, st.text(max_size=20))
def test_it_is_the_first_line_and_nothing_else_is(marker: Marker, before: str) -> None:
    body = with_marker(marker, "text")
    found = read_marker(before + body)
    assert (found is None) == (before != "")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "<!-- lineage-diff -->",
        "<!-- lineage-diff id=a head=abc run=1.1 -->",
        "<!-- lineage-diff id=a head=" + "a" * 40 + " run=1 -->",
        "<!-- lineage-diff id=a head=" + "a" * 40 + " run=1.1 --> more",
        "<!-- lineage-diff id=a --> head=" + "a" * 40 + " run=1.1 -->",
        "<!-- lineage-diff id=a head=" + "a" * 40 + " run=" + "9" * 19 + ".1 -->",
    ],
)
def test_what_is_no_marker(line: str) -> None:
    assert read_marker(f"{line}\ntext") is None


def test_github_may_write_line_ends_its_own_way() -> None:
    marker = Marker("a", "b" * 40, RunAttempt(1, 1))
    assert read_marker(with_marker(marker, "one\ntwo").replace("\n", "\r\n")) == (
        marker,
        "one\ntwo",
    )


def test_line_ends_make_no_other_body() -> None:
    """GitHub may store a comment that a person edited with CRLF."""
    marker = Marker("a", "b" * 40, RunAttempt(1, 1))
    stored = with_marker(marker, "one\ntwo\n").replace("\n", "\r\n")
    assert is_same_body(stored, marker, "one\ntwo\n")
    assert not is_same_body(stored, marker, "one\nthree\n")
