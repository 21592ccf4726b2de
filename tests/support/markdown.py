"""Reads Markdown as GitHub's own parser renders it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options


@dataclass
class Reading:
    """The elements of a text, its code spans, its cells, and what text stands outside of code."""

    tags: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.reading.tags.add(tag)
        if tag in ("br", "img", "source", "input", "hr"):
            return
        self.open.append(tag)
        if tag == "code":
            self.reading.codes.append("")
        elif tag in ("td", "th"):
            self.reading.cells.append("")
            self.reading.rows[-1] += 1
        elif tag == "tr":
            self.reading.rows.append(0)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open[-1] == tag, (tag, self.open)
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.reading.codes[-1] += data
        else:
            self.reading.bare.append(data)
        if "td" in self.open or "th" in self.open:
            self.reading.cells[-1] += data


def to_html(markdown: str) -> str:
    """Render as GitHub does before it cleans the HTML, so that nothing is hidden from a test."""
    made: str = cmarkgfm.github_flavored_markdown_to_html(
        markdown, options=Options.CMARK_OPT_UNSAFE
    )
    return made


def read(markdown: str) -> Reading:
    """Render and read it."""
    parser = _Parser()
    parser.feed(to_html(markdown))
    parser.close()
    return parser.reading
