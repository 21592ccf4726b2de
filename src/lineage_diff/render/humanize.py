"""Format sizes, hashes, numbers and values for readers. Different values never look equal."""

import json
import math
from collections.abc import Callable
from typing import Any

from lineage_diff.report.change import Side
from lineage_diff.text import shorten

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
HASH_LENGTH = 7
VALUE_WIDTH = 60
COMMAND_WIDTH = 100


def size(count: int | None) -> str:
    """Return bytes in decimal units: `14.4 MB`. Unknown is `?`."""
    return "?" if count is None else _size(count, _unit(count), 1)


def sizes(old: int | None, new: int | None) -> str:
    """Return two sizes in one unit, `14.4 → 20.1 MB`, with enough digits to show the difference."""
    if old is None or new is None:
        return f"{size(old)} → {size(new)}"
    unit = _unit(max(old, new))
    for digits in range(1, 3 * unit + 2):
        one, two = _size(old, unit, digits), _size(new, unit, digits)
        if (one != two or old == new) and not (old and float(one.split()[0]) == 0):
            return f"{one.split()[0]} → {two}"
    return f"{size(old)} → {size(new)}"


def _unit(count: int) -> int:
    for unit in range(len(UNITS)):
        if count < 999.95 * 1000**unit:
            return unit
    return len(UNITS) - 1


def _size(count: int, unit: int, digits: int) -> str:
    return f"{count} B" if not unit else f"{count / 1000**unit:.{digits}f} {UNITS[unit]}"


def short_hash(text: str | None) -> str:
    """Return the first digits of a hash `algorithm:value` or a commit id. Unknown is `?`."""
    if not text:
        return "?"
    return text.rpartition(":")[2][:HASH_LENGTH]


def hashes(old: str | None, new: str | None) -> tuple[str, str]:
    """Return two hashes, shortened, with enough digits to show a difference."""
    one, two = (text.rpartition(":")[2] if text else "?" for text in (old, new))
    if one == two and old != new:
        return old or "?", new or "?"
    length = HASH_LENGTH
    while one[:length] == two[:length] and one != two:
        length += HASH_LENGTH
    return one[:length], two[:length]


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def value(item: Any, width: int = VALUE_WIDTH) -> str:
    """Return one value of a params or metrics file: numbers rounded, the rest as JSON."""
    return shorten(_text(item), width)


def values(old: Any, new: Any, width: int = VALUE_WIDTH) -> tuple[str, str]:
    """Return two values with enough digits to show the difference."""
    if is_number(old) and is_number(new):
        if isinstance(old, int) and isinstance(new, int):
            return str(old), str(new)
        if old != new:
            return _numbers(float(old), float(new))
    one, two = _text(old), _text(new)
    short = shorten(one, width), shorten(two, width)
    if short[0] != short[1] or one == two:
        return (one, two) if one == two and old != new and not _missing(old, new) else short
    start = next(
        (n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
    start = max(0, start - width // 3)
    return tuple(f"…{shorten(text[start:], width - 1)}" for text in (one, two))  # type: ignore[return-value]


def _missing(old: Any, new: Any) -> bool:
    return old is None or new is None


def difference(old: Any, new: Any) -> str:
    """Return the absolute difference of two numbers; empty if they are equal or not numbers."""
    if not (is_number(old) and is_number(new)) or old == new:
        return ""
    if isinstance(old, int) and isinstance(new, int):
        return str(abs(new - old))
    apart = abs(float(new) - float(old))
    return _plain(apart, _decimals(apart, 2)) if 1e-6 <= apart < 1e15 else f"{apart:.2g}"


def share(old: Any, new: Any) -> str:
    """Return the relative change of a number in percent, `−1.6 %`; empty for no number.

    Also empty if a percentage is meaningless: from zero, or across zero.
    """
    if not (is_number(old) and is_number(new)) or old == new or not old or (old < 0) != (new < 0):
        return ""
    try:
        percent = 100 * (float(new) - float(old)) / abs(float(old))
    except OverflowError:
        return ""
    amount = abs(percent)
    if not 1e-6 <= amount < 1e6:
        return ""
    # A loss of nearly everything is not rounded to 100 %.
    digits = next((n for n in range(2, 9) if new and _rounded(amount, n) != "100"), 2)
    return f"{'+' if percent > 0 else '−'}{_rounded(amount, digits)} %"


def _rounded(amount: float, digits: int) -> str:
    return f"{amount:,.0f}" if amount >= 1_000 else _plain(amount, _decimals(amount, digits))


def _numbers(old: float, new: float) -> tuple[str, str]:
    apart, largest = abs(new - old), max(abs(old), abs(new))
    if largest < 1e15 and largest >= 1e-4 and apart >= 1e-12:
        decimals = max(_decimals(apart, 2), _decimals(largest, 3))
        one, two = _plain(old, decimals), _plain(new, decimals)
        if one != two:
            return one, two
    for digits in range(3, 18):
        one, two = f"{old:.{digits}g}", f"{new:.{digits}g}"
        if one != two:
            return one, two
    return repr(old), repr(new)


def _decimals(number: float, digits: int) -> int:
    return min(15, max(0, digits - 1 - math.floor(math.log10(number)))) if number else 0


def _plain(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
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
        return _plain(item, _decimals(abs(item), 4)) if fits else f"{item:.4g}"
    if isinstance(item, int):
        return str(item)
    if isinstance(item, list | tuple | dict):
        return json.dumps(item, ensure_ascii=False, default=str, sort_keys=True)
    return item.isoformat() if hasattr(item, "isoformat") else str(item)


def address(stage: str) -> str:
    """Return a stage's address for `dvc repro`: its id without the root pipeline's `dvc.yaml:`."""
    return stage.removeprefix("dvc.yaml:")


def setting(subject: str) -> str:
    """Return a param's name without the default file: `lr` for `params.yaml:lr`."""
    return subject.removeprefix("params.yaml:")


def place(path: str, *sides: Side | None) -> str:
    """Return a path, with a final `/` if its last version is a folder, as in DVC."""
    last = next((side for side in reversed(sides) if side is not None), None)
    return f"{path}/" if last is not None and (last.hash or "").endswith(".dir") else path


def command(item: Any) -> str:
    """Return a stage's command on one line; a list of commands is joined by `&&`."""
    text = " && ".join(map(str, item)) if isinstance(item, list | tuple) else str(item)
    return shorten(" ".join(text.split()), COMMAND_WIDTH)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 stage`, `1,200 stages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {
    "size": size,
    "short_hash": short_hash,
    "value": value,
    "address": address,
    "setting": setting,
    "command": command,
    "place": place,
    "count_of": count,
    "short": shorten,
    "sizes": lambda pair: sizes(*pair),
    "hashes": lambda pair: hashes(*pair),
    "values": lambda pair: values(*pair),
    "difference": lambda pair: difference(*pair),
    "share": lambda pair: share(*pair),
}
