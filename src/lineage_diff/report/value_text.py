"""Write two values of a params or metrics file for readers: different ones never look the same."""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lineage_diff.text import shorten

VALUE_WIDTH = 60
# The report has these numbers as texts, for JSON has none of them.
_NO_NUMBERS = frozenset(("NaN", "Infinity", "-Infinity"))
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "~", ""))


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and not a boolean."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def value(item: Any, width: int = VALUE_WIDTH) -> str:
    """Return one value of a params or metrics file: numbers rounded, the rest as JSON."""
    return shorten(_text(item), width)


def values(old: Any, new: Any, width: int = VALUE_WIDTH) -> tuple[str, str]:
    """Return two values with enough digits to show the difference."""
    if float in (type(old), type(new)) and is_number(old) and is_number(new) and old != new:
        # An integer may be too large for a float.
        with suppress(OverflowError):
            return _numbers(float(old), float(new))
    one, two = _one_beside(old, new), _one_beside(new, old)
    short = shorten(one, width), shorten(two, width)
    if short[0] != short[1] or one == two:
        return (one, two) if one == two and old != new and not _missing(old, new) else short
    start = next(
        (n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
    start = max(0, start - width // 3)
    return tuple(f"…{shorten(text[start:], width - 1)}" for text in (one, two))  # type: ignore[return-value]


def _one_beside(item: Any, other: Any) -> str:
    """Return a value's text; in quotes if it is text that reads as another kind of value.

    Beside another text, or no value, it needs none.
    """
    text = _text(item)
    if not isinstance(item, str) or isinstance(other, str) or other is None:
        return text
    if item in _NO_NUMBERS and _text(other) != item:
        return text
    return json.dumps(item, ensure_ascii=False) if _reads_as_value(item) else text


def _reads_as_value(text: str) -> bool:
    """Whether a text looks like a number, a truth value, nothing, a list or a mapping."""
    plain_text = text.strip().lower()
    if plain_text in _WORDS or plain_text[:1] in ("[", "{"):
        return True
    try:
        float(plain_text)
    except ValueError:
        return False
    return True


def _missing(old: Any, new: Any) -> bool:
    return old is None or new is None


def _numbers(old: float, new: float) -> tuple[str, str]:
    apart, largest = abs(new - old), max(abs(old), abs(new))
    if largest < 1e15 and largest >= 1e-4 and apart >= 1e-12:
        places = max(decimals(apart, 2), decimals(largest, 3))
        one, two = plain(old, places), plain(new, places)
        if one != two:
            return one, two
    for digits in range(3, 18):
        one, two = f"{old:.{digits}g}", f"{new:.{digits}g}"
        if one != two:
            return one, two
    return repr(old), repr(new)


def decimals(number: float, digits: int) -> int:
    """Return the decimal places that show `digits` digits of a number."""
    return min(15, max(0, digits - 1 - math.floor(math.log10(number)))) if number else 0


def plain(number: float, places: int) -> str:
    """Return a number without exponent and without zeros at its end."""
    text = f"{number:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, bool) or item is None:
        return json.dumps(item)
    if isinstance(item, float):
        if not math.isfinite(item):
            return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"
        if item == 0:
            return "0"
        fits = 1e-4 <= abs(item) < 1e15
        return plain(item, decimals(abs(item), 4)) if fits else f"{item:.4g}"
    if isinstance(item, int):
        return str(item)
    if isinstance(item, list | tuple | dict):
        return json.dumps(item, ensure_ascii=False, default=str, sort_keys=True)
    return item.isoformat() if hasattr(item, "isoformat") else str(item)


def row_values(items: Sequence[Any], width: int = VALUE_WIDTH) -> list[str]:
    """Return several values with enough digits, or characters, that different ones differ."""
    texts = [value(item, width) for item in items]
    for digits in range(5, 18):
        if not _look_the_same(items, texts):
            return texts
        texts = [
            f"{item:.{digits}g}" if isinstance(item, float) and is_number(item) else text
            for item, text in zip(items, texts, strict=True)
        ]
    return [_text(item) for item in items] if _look_the_same(items, texts) else texts


def _look_the_same(items: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether two values that differ have the same text; a number may look like a text."""
    seen: dict[str, Any] = {}
    return any(
        isinstance(known := seen.setdefault(text, item), str) == isinstance(item, str)
        and repr(known) != repr(item)
        and known != item
        for item, text in zip(items, texts, strict=True)
    )
