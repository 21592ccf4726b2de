"""Escape repository text for GitHub Flavored Markdown.

GitHub also links mentions, issue numbers, commit ids and URLs. It searches the rendered text for
them, so a backslash does not prevent this; it does not search code. So any text that GitHub might
link is shown as code. There is no Python library for this.
"""

import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from lineage_diff.render.humanize import HASH_LENGTH
from lineage_diff.render.links import Links, current, rule_page, where
from lineage_diff.text import visible

_TICKS = re.compile("`+")
_SPACES = re.compile(r"(\s+)")
# Words of letters, digits and a little punctuation; the end of a sentence; an arrow, an emoji.
_WORD = re.compile(
    r"""[("'“‘]{0,2}[-+−]?[^\W_](?:[^\W_]|[.,/'’%-](?=[^\W_])){0,200}[%)"'”’.,;:!?…]{0,4}"""
    r"""|[.,;:!?)%]{1,3}|[^\x00-\x7f]+"""
)
_RISKY = re.compile(
    r"""(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])  # a commit id
      | \bgh-\d                                 # an issue
      | www\.
      | ^\d+[.)]$                               # an item of a list
      | ^[a-z]\w*-\d+                           # a custom autolink, TICKET-1
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS = re.compile(r"&#(?:58|64);|\.")
_BREAK = r"\g<0><!-- -->"
_URL = re.compile(r"https?://[\w.:-]+(?:/[\w.~/#?&=%+,;@-]*)?", re.ASCII)
_MENTION = re.compile(
    r"@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?", re.ASCII
)
_EMPTY: Final = '""'
# A longer name ends a line at a folder.
_UNBROKEN = 30
# A longer text hardly comes twice.
_SHORT = 100


def code(value: object) -> Markup:
    """Return text as a code span that shows it exactly, inside or outside a table."""
    return _code(str(value))


# The rows of many models name the same stages, files and hashes again and again.
@lru_cache(maxsize=4096)
def _code(text: str) -> Markup:
    text = visible(text) or _EMPTY
    if "|" in text:
        # A table row ends its cell at `|` even in a span; `\|` would show its backslash elsewhere.
        return _tagged(text)
    runs = {len(run) for run in _TICKS.findall(text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    ticked = text.startswith("`") or text.endswith("`")
    spaced = text.startswith(" ") and text.endswith(" ") and bool(text.strip(" "))
    pad = " " if ticked or spaced else ""
    return Markup(f"{fence}{pad}{text}{pad}{fence}")


def breaking(value: object) -> Markup:
    """Return a name as `code` does; a long path may end a line after each folder.

    Else it would push the columns beside it off the page: GitHub breaks no line inside a name.
    """
    text = str(value)
    if len(text) <= _UNBROKEN or "/" not in text:
        return _code(text)
    return Markup(f"<code>{_inner(visible(text)).replace('/', '/<wbr>')}</code>")


def prose(value: object) -> Markup:
    """Return running text; a word that GitHub or Markdown could interpret becomes code."""
    text = str(value)
    return _short_prose(text) if len(text) <= _SHORT else _prose(text)


def _prose(text: str) -> Markup:
    return Markup("".join(map(_word, _SPACES.split(visible(text)))))


# The rows of an audit have the same dates, sizes and states again and again.
_short_prose = lru_cache(maxsize=4096)(_prose)


def message(value: object) -> Markup:
    """Return a sentence; names in backticks become code."""
    parts = str(value).split("`")
    if len(parts) % 2 == 0:
        return prose(value)
    return Markup("").join(
        prose(part)
        if not index % 2
        # Two adjacent spans would merge into one.
        else _name(part)
        if index == 1 or parts[index - 1]
        else _tagged(visible(part))
        for index, part in enumerate(parts)
    )


def _name(text: str) -> Markup:
    """Return a name as code, a commit of the report with its link."""
    return commit(text) if text in current().commits else code(text)


def inert(value: object) -> Markup:
    """Escape `value` as `prose`, unless it is Markdown already."""
    return value if isinstance(value, Markup) else prose(value)


def strong(value: object) -> Markup:
    """Return text in bold, without spaces at its ends, which would prevent the bold."""
    text = str(inert(value)).strip() or _EMPTY
    return Markup(f"**{text}**")


def attribute(value: object) -> Markup:
    """Return text for an HTML attribute in double quotes, on one line."""
    return Markup(_entities(visible(str(value))))


def _word(word: str) -> str:
    if not word or word.isspace():
        return " " if word else ""
    if _WORD.fullmatch(word) and not _RISKY.search(word):
        return word
    if word == "(":
        # As it is, it would make a link of a reference before it.
        return _entities(word)
    return _tagged(word)


def _tagged(text: str) -> Markup:
    return Markup(f"<code>{_inner(text)}</code>")


def _inner(text: str) -> str:
    # GitHub's parser searches for URLs even here; a comment splits them.
    return _ADDRESS.sub(_BREAK, _entities(text))


def _entities(text: str) -> str:
    return "".join(
        char if char.isalnum() or char in " /-." or ord(char) > 127 else f"&#{ord(char)};"
        for char in text
    )


def linked(text: object, url: str) -> Markup:
    """Return text as code with a link; without the link if the URL has unusual characters."""
    shown = code(text)
    return Markup(f"[{shown}]({url})") if _URL.fullmatch(url) else shown


def link(text: object, url: str) -> Markup:
    """Return prose with a link; without the link if the URL has unusual characters."""
    return Markup(f"[{prose(text)}]({url})") if _URL.fullmatch(url) else prose(text)


def commit(value: object) -> Markup:
    """Return a commit's short id, with its link if the server is known."""
    return _referred(str(value)[:HASH_LENGTH], current().commit(str(value)))


def rule(name: str) -> Markup:
    """Return a rule's name with the link to its page."""
    return _referred(name, rule_page(name))


def place(file: str | None, line: int | None, name: str) -> Markup:
    """Return a file and line, or a name without a file, with the link if the server is known."""
    return linked(*where(file, line, name))


def _referred(text: str, url: str) -> Markup:
    """Return text as code that refers to a link, which stands once at the end of the text."""
    shown, used = code(text), current().used
    if used is None or not _URL.fullmatch(url):
        return shown
    used[shown] = url
    return Markup(f"[{shown}]")


def with_references(text: str, links: Links, limit: int) -> str:
    """Return a text with the addresses of the links that it refers to, within `limit` characters.

    Names whose address does not fit are not links.
    """
    lines: list[str] = []
    room = limit - len(text) - 1
    for name, url in (links.used or {}).items():
        line = f"[{name}]: {url}\n"
        if f"[{name}]" not in text:
            continue
        if len(line) <= room:
            room -= len(line)
            lines.append(line)
        else:
            text = text.replace(f"[{name}]", name)
    return f"{text}\n{''.join(sorted(lines))}" if lines else text


def mention(name: str) -> Markup:
    """Return the name of a user or team so that GitHub notifies them; as code if it is no name."""
    return Markup(name) if _MENTION.fullmatch(name) else code(name)


FILTERS: Final = {
    "code": code,
    "breaking": breaking,
    "commit": commit,
    "link": link,
    "rule": rule,
    "where": place,
    "linked": linked,
    "prose": prose,
    "message": message,
    "mention": mention,
    "strong": strong,
    "attribute": attribute,
}
