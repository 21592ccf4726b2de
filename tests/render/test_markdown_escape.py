"""Repository text in Markdown: read as written, and nothing else."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lineage_diff.render.escape.markdown import attribute, code, message, prose
from lineage_diff.text import visible
from tests.support.markdown import Reading, read
from tests.support.reports import HOSTILE

SPICE = "`|\\*_~<>[]()#@!&$:./-+ \n\t0aA\u202e\u200b"
texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=SPICE, max_size=24),
    st.lists(st.sampled_from([*HOSTILE, " ", "word"]), max_size=4).map("".join),
)


def in_table(markdown: str) -> Reading:
    reading = read(f"| a | b |\n|--|--|\n| {markdown} | end |\n")
    assert reading.cells[:2] == ["a", "b"]
    assert len(reading.cells) == 4
    assert reading.cells[3] == "end"
    return reading


@given(texts)
@example("a\\")
@example("``` x ` y")
@example(" ")
def test_code_shows_exactly_the_text_in_and_outside_of_a_table(text: str) -> None:
    shown = visible(text) or '""'
    inside, outside = in_table(code(text)), read(f"x {code(text)} y\n")
    assert inside.codes == outside.codes == [shown]
    assert inside.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert outside.tags <= {"p", "code"}


def bare(reading: Reading) -> str:
    return " ".join(reading.bare)


@given(texts)
@example("3f2c1aa0b1c2d3e4f5061728394a5b6c7d8e9f00www.evil.example")
@pytest.mark.parametrize("escape", [prose, message])
def test_running_text_is_inert(escape: type, text: str) -> None:
    reading = in_table(escape(text))
    assert reading.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    outside = bare(reading)
    assert not re.search(r"[@#<>|$]|://|www\.|(?<!\w)GH-\d|:\w+:", outside, re.IGNORECASE)
    # A commit id that letters go on from is a word, and GitHub links no part of a word.
    assert not re.search(r"(?<![0-9a-zA-Z])[0-9a-f]{7,64}(?![0-9a-zA-Z])", outside)


@given(texts)
def test_running_text_reads_as_written(text: str) -> None:
    expected = " ".join(visible(text).split())
    assert " ".join(in_table(prose(text)).cells[2].split()) == expected


def test_everyday_sentences_stay_as_they_are() -> None:
    text = "kept in DVC's cache, so not in Git: 14.4 → 20.1 MB (45%), see train.epochs."
    assert prose(text) == text
    assert message("`a.py` is new, says `b`.") == "`a.py` is new, says `b`."
    assert message("`a.py` (`b.py:3`), `c`") == "`a.py` &#40;`b.py:3`), `c`"
    assert in_table(message("read (`fetch` in it)")).cells[2] == "read (fetch in it)"


@given(texts)
def test_an_attribute_holds_exactly_the_text(text: str) -> None:
    seen: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(dict(attrs)["alt"] or "")

    Parser().feed(f'<img alt="{attribute(text)}">')
    assert seen == [visible(text)]
    assert html.unescape(attribute(text)) == visible(text)
