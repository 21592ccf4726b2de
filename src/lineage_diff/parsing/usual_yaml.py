"""Read a YAML text line by line, as DVC and most people write it: blocks of plain values.

Much faster than a YAML parser. Any text in doubt, also one with an error, is left to `load_yaml`.
"""

import re
from typing import Any

from lineage_diff.parsing.yaml_scalars import BY_FIRST, plain_value

# Far below the limits of the general reader.
_MAX_DEPTH = 30
_MAX_TEXT = 8_192

# Python before 3.11.5, as in Debian 12, misreads a possessive group, so only single characters have
# possessive quantifiers here. No group below can match in a second way, so none costs more without
# one. But each repeat of a group takes memory, so the number of repeats is limited.
_QUOTED = r"[\w./@+ \-]{1,200}+"
_KEY = rf"(?:[\w./$][\w./$@%+={{}}()~*,\[\]\-]{{0,200}}+|\"{_QUOTED}\"|'{_QUOTED}')"
_WORDS = r"[^ #\n][^\n]*+"
_PATH = r"[\w./][\w./+\-]*+"
# A key with its whole list of single words; no line that could be part of the list may follow.
_LIST = rf"({_KEY}):\n(\1( *+)- {_PATH}\n(?:\1\4- {_PATH}\n){{0,100000}})(?!\1[ \-]| *+\n)"
# More lines of words with the same indent (1), unless the first one has a list's dash (5).
_MORE_WORDS = rf"(?(5)|(?:\n\1(?!- ){_WORDS}){{0,1000}})"
# The indent; then such a list, or a list's dash, the key and its value, or lines of words without
# a key. After a `|` or `>` also the lines below; no line that could be part of them may follow.
_LINE = re.compile(
    rf"( *+)(?:{_LIST}|"
    rf"(?:(- )?(?:({_KEY}):(?:(?=\n)| ++({_WORDS})?)|({_WORDS}{_MORE_WORDS})))?"
    r"(?:(?<![^ \n])#[^\n]*+)?\n"
    r"(?:(?:(?<=[|>]\n)|(?<=[|>]-\n))((?:\1 ++[^ \n][^\n]*+\n){1,10000})(?!\n*(?:\1 | +\n)))?)"
    r"|[^\n]*\n",
    re.ASCII,
)
_SCALAR = re.compile(
    r"(?:"
    r"((?:[^ !\"#%&'*,\-:<>?@\[\]`{|}]|-(?=[^ :]))(?:[^ :]++|:(?=[^ ])| ++(?=[^ #])){0,10000})"
    r"|'([^']*)'|\"([^\"\\]*)\")"
    r" *+(?:(?<= )#.*)?",
    re.ASCII,
)
_DIGITS = frozenset("0123456789")
# In brackets: keys, values of words or in quotes, and what separates them from the next.
_FLOW_KEY = rf"([\w./][\w./+\-]{{0,200}}+|\"{_QUOTED}\"|'{_QUOTED}'): +"
_FLOW_VALUE = (
    r"(?:(-?[\w./](?:[\w./+\-]++|:(?=/)| (?=[\w./+\-])){0,1000})|'([^']*)'|\"([^\"\\]*)\")"
)
_FLOW_NEXT = r" *(?:, *|(?=[\]}]))"
_ITEM = re.compile(f"{_FLOW_VALUE}{_FLOW_NEXT}", re.ASCII)
_PAIR = re.compile(f"{_FLOW_KEY}{_FLOW_VALUE}{_FLOW_NEXT}", re.ASCII)
_NESTED_KEY = re.compile(rf"{_FLOW_KEY}(?=[\[{{])", re.ASCII)
_NEXT = re.compile(_FLOW_NEXT)
_BEHIND = re.compile(r"(?: +#.*)?")
_MAX_FLOW_DEPTH = 10
_STYLES = {"|": "\n", "|-": "\n", ">": " ", ">-": " "}
_NOTHING = object()


class _UnusualError(ValueError):
    """The general reader must read the text."""


def usual_yaml(text: str) -> dict[Any, Any] | None:
    """Return the mapping in a usual text; `None` for a text that needs a YAML parser."""
    text = text.replace("\r\n", "\n")
    if not text.replace("\n", "").isprintable():
        return None
    if not text.endswith("\n"):
        # The last line end is part of the value of a `|`.
        if "|" in text or ">" in text:
            return None
        text += "\n"
    try:
        return _LineReader().read(text.removeprefix("---\n")) or None
    except (ValueError, ArithmeticError):
        return None


def usual_words(lines: str) -> list[Any]:
    """Return the values of a list of single words, given by its lines. Raises `ValueError`."""
    words = lines.replace(" ", "")[1:-1].split("\n-")
    return [plain_value(word) if word[0] in BY_FIRST else word for word in words]


def usual_value(written: str) -> Any:
    """Return the value of a scalar on one line. Raises `ValueError` for any other text."""
    scalar = _SCALAR.fullmatch(written)
    if scalar is None:
        raise ValueError(written)
    return _value_of(*scalar.groups())


class _LineReader:
    """The mappings and lists that are open at the current line, the innermost last."""

    def __init__(self) -> None:
        self._top: Any = {}
        self._column = 0
        self._outer: list[tuple[int, Any]] = []
        self._names: dict[str, Any] = {}
        # A key of the innermost mapping without its value yet.
        self._pending: Any = _NOTHING
        # The key or index and the text of a plain value on the line before: it may continue.
        self._plain: tuple[Any, str] | None = None

    def read(self, text: str) -> dict[Any, Any]:
        """Return the mapping at the top. Raises `_UnusualError`."""
        root: dict[Any, Any] = self._top
        self._column = len(text) - len(text.lstrip(" "))
        for line in _LINE.finditer(text):
            indent, name, items, _, dash, key, written, words, below = line.groups()
            if indent is None:
                raise _UnusualError
            if name:
                self._enter_mapping(len(indent))
                self._add_list(name, items)
            elif below:
                self._enter_mapping(len(indent))
                self._add_lines(dash, key, written, below)
            elif dash:
                self._add_item(len(indent), key, written, words)
            elif key:
                self._enter_mapping(len(indent))
                self._add_entry(key, written)
            elif words:
                self._continue(len(indent), words)
            else:
                self._plain = None
        return root

    def _add_item(self, column: int, key: str, written: str, words: str) -> None:
        self._enter_list(column)
        if key:
            mapping: dict[Any, Any] = {}
            self._top.append(mapping)
            self._open(column + 2, mapping)
            self._add_entry(key, written)
        else:
            self._top.append(None)
            self._set(-1, words)

    def _add_entry(self, key: str, written: str | None) -> None:
        name = self._add_key(key)
        if written is None:
            self._pending, self._plain = name, None
        else:
            self._set(name, written)

    def _add_key(self, key: str) -> Any:
        # The same few keys come again in each stage: one object of each is enough.
        name = self._names.get(key, _NOTHING)
        if name is _NOTHING:
            name = self._names[key] = _name(key)
        if name in self._top:
            raise _UnusualError
        self._top[name] = None
        return name

    def _add_list(self, key: str, lines: str) -> None:
        """Add an entry with a list, given by its lines of single words."""
        self._top[self._add_key(key)] = usual_words(lines)
        self._plain = None

    def _add_lines(self, dash: str | None, key: str, style: str, below: str) -> None:
        """Add an entry of several lines, kept as they are (`|`) or put into one (`>`)."""
        join = _STYLES.get(style)
        lines = below.splitlines()
        margin = len(below) - len(below.lstrip(" "))
        if join is None or dash or any(_is_odd(line, margin) for line in lines):
            raise _UnusualError
        end = "" if style.endswith("-") else "\n"
        self._top[self._add_key(key)] = join.join(line[margin:] for line in lines) + end
        self._plain = None

    def _set(self, place: Any, written: str) -> None:
        """Set an entry of the innermost mapping or list."""
        if written.isalnum():
            # One word without any sign is plain: most hashes, names and counts are.
            self._top[place] = plain_value(written) if written[0] in BY_FIRST else written
            self._plain = place, written
            return
        scalar = _SCALAR.fullmatch(written)
        if scalar is None:
            self._top[place], self._plain = usual_brackets(written), None
            return
        plain, single, double = scalar.groups()
        if plain is None:
            self._top[place], self._plain = single if double is None else double, None
        else:
            self._top[place] = plain_value(plain) if plain[0] in BY_FIRST else plain
            self._plain = (place, plain) if len(plain) == len(written) else None

    def _continue(self, column: int, words: str) -> None:
        # A key or a comment ends a plain value.
        ends = ": " in words or " #" in words or ":\n" in words or words[-1] == ":"
        if self._plain is None or ends or column <= self._column:
            raise _UnusualError
        place, before = self._plain
        # A number never has two words, but a date may. A very long text would be copied each time.
        if before[0] in _DIGITS or len(before) > _MAX_TEXT:
            raise _UnusualError
        lines = [line.strip(" ") for line in words.split("\n")]
        text = self._top[place] = " ".join((before, *lines))
        self._plain = place, text

    def _enter_mapping(self, column: int) -> None:
        """Make the mapping at a column the innermost."""
        pending, self._pending = self._pending, _NOTHING
        if column > self._column and pending is not _NOTHING:
            self._top[pending] = {}
            self._open(column, self._top[pending])
            return
        while column < self._column or isinstance(self._top, list):
            self._close()
        if column != self._column:
            raise _UnusualError

    def _enter_list(self, column: int) -> None:
        """Make the list at a column the innermost: it may have the column of its key."""
        pending, self._pending = self._pending, _NOTHING
        if column >= self._column and pending is not _NOTHING:
            self._top[pending] = []
            self._open(column, self._top[pending])
            return
        while column < self._column or isinstance(self._top, dict):
            self._close()
        if column != self._column:
            raise _UnusualError

    def _open(self, column: int, inner: Any) -> None:
        if len(self._outer) == _MAX_DEPTH:
            raise _UnusualError
        self._outer.append((self._column, self._top))
        self._column, self._top = column, inner

    def _close(self) -> None:
        if not self._outer:
            raise _UnusualError
        self._column, self._top = self._outer.pop()


def _name(key: str) -> Any:
    if key[0] in "\"'":
        return key[1:-1]
    return plain_value(key) if key[0] in BY_FIRST else key


def _is_odd(line: str, margin: int) -> bool:
    """Return whether a line has another indent than the first, or ends with a space."""
    return line[:margin].strip(" ") != "" or line[margin] == " " or line[-1] == " "


def usual_brackets(written: str) -> Any:
    """Return the list or mapping of plain values in brackets on one line. Raises `ValueError`."""
    value, at = _flow(written, 0, 1)
    if _BEHIND.fullmatch(written.rstrip(" "), at) is None:
        raise _UnusualError
    return value


def _flow(text: str, at: int, depth: int) -> tuple[Any, int]:
    """Return the list or mapping that begins at an offset, and the offset behind it."""
    first = text[at : at + 1]
    if first not in ("[", "{") or depth > _MAX_FLOW_DEPTH:
        raise _UnusualError
    at += 1
    while text.startswith(" ", at):
        at += 1
    return (_flow_list if first == "[" else _flow_mapping)(text, at, depth + 1)


def _flow_list(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while not text.startswith("]", at):
        item = _ITEM.match(text, at)
        if item is not None:
            found.append(_value_of(*item.groups()))
            at = item.end()
        else:
            inner, at = _flow(text, at, depth)
            found.append(inner)
            at = _next(text, at)
    return found, at + 1


def _flow_mapping(text: str, at: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    while not text.startswith("}", at):
        pair = _PAIR.match(text, at)
        key = pair or _NESTED_KEY.match(text, at)
        name = _name(key[1]) if key is not None else None
        if key is None or name in found:
            raise _UnusualError
        if pair is not None:
            found[name] = _value_of(pair[2], pair[3], pair[4])
            at = pair.end()
        else:
            found[name], at = _flow(text, key.end(), depth)
            at = _next(text, at)
    return found, at + 1


def _next(text: str, at: int) -> int:
    """Return the offset of the next item, or of the bracket that closes."""
    between = _NEXT.match(text, at)
    if between is None:
        raise _UnusualError
    return between.end()


def _value_of(plain: str | None, single: str | None, double: str | None) -> Any:
    """Return the value of a scalar by the one way in which it is written."""
    if plain is None:
        return single if double is None else double
    return plain_value(plain) if plain[0] in BY_FIRST else plain
