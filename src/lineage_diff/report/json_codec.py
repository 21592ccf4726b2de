"""Encode and decode reports as JSON, strictly."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite, isinf, isnan
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

__all__ = [
    "MAX_BYTES",
    "ReportError",
    "T",
    "are_plain",
    "compact_parts",
    "decode_strictly",
    "formatted",
    "has_odd_values",
    "indented_parts",
    "json_of",
    "storable_value",
]


MAX_BYTES = 64 * 1024 * 1024

# Bytes of a part of a list that is written: more than its items one by one, less than all.
_PART = 1 << 16
_INDENT = 2
_JSON = msgspec.json.Encoder(order="deterministic")

T = TypeVar("T", bound=Struct)


class ReportError(Exception):
    """Raised for bytes that are no report of this schema version. `message` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def formatted(data: bytes) -> bytes:
    """Return JSON with indentation and a final newline."""
    return msgspec.json.format(data, indent=_INDENT) + b"\n"


def decode_strictly(
    data: bytes,
    source: str,
    kind: type[T],
    schema_version: int,
    most: int = MAX_BYTES,
    read: Callable[[bytes], T] | None = None,
) -> T:
    """Return the decoded object. Raises `ReportError`, with the JSON path.

    `source` names the origin of the bytes. All keys are required; unknown keys are an error.
    `read` decodes bytes without these checks.
    """
    if len(data) > most:
        raise ReportError(f"{source} holds {len(data):,} bytes or more, over the limit of {most:,}")
    known = _decode_encoded(data, read or msgspec.json.Decoder(kind).decode)
    if known is not None and getattr(known, "schema_version", None) == schema_version:
        return known
    try:
        raw = msgspec.json.decode(data)
        if not isinstance(raw, dict):
            raise ReportError("`$` must be an object")
        version = raw.get("schema_version")
        if version is True or version != schema_version:
            raise ReportError(
                f"`$.schema_version` is {str(version)[:20]!r}, and only {schema_version} is known"
            )
        report = msgspec.convert(raw, kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ReportError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ReportError("it nests too deeply") from error
    found = _difference(raw, msgspec.to_builtins(report), "$")
    if found:
        raise ReportError(found)
    return report


def _decode_encoded(data: bytes, read: Callable[[bytes], T]) -> T | None:
    """Return the object, or `None` if encoding it again does not give the same JSON.

    Spaces aside, equal JSON has no unknown and no missing key. To compare it whole takes less
    memory than to look at each key.
    """
    try:
        found = read(data)
        # As `encode` writes it: a copy without spaces is as large again.
        if _is_joined(data, indented_parts(found) if data[-1:] == b"\n" else compact_parts(found)):
            return found
        without_spaces = msgspec.json.format(data, indent=-1)
        return found if _is_joined(without_spaces, compact_parts(found)) else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_joined(data: bytes, parts: Iterable[bytes]) -> bool:
    """Whether `data` are these parts, one after the other."""
    at = 0
    for part in parts:
        if not data.startswith(part, at):
            return False
        at += len(part)
    return at == len(data)


def has_odd_values(values: list[Any]) -> bool:
    """Whether any value has a number or key that JSON cannot hold; empties the list."""
    while values:
        value = values.pop()
        # Most values are texts: to ask for a mapping first takes twice the time.
        if value is None or isinstance(value, str):
            continue
        if isinstance(value, Mapping):
            values += value.values()
            if not all(isinstance(key, str) for key in value):
                return True
        elif isinstance(value, list | tuple):
            values += value
        elif isinstance(value, float):
            if not isfinite(value):
                return True
        elif isinstance(value, int) and not -(2**63) <= value < 2**64:
            return True
    return False


def storable_value(value: Any) -> Any:
    """Convert builtins to values that JSON can hold.

    JSON has no NaN and no infinities: they become the strings `NaN`, `Infinity` and `-Infinity`; a
    byte of a path that is not UTF-8 becomes its `\\udc..` escape; an integer beyond 64 bits becomes
    its digits.
    """
    if isinstance(value, dict):
        return {_key(key): storable_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_value(item) for item in value]
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        if isnan(value):
            return "NaN"
        if isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def _key(key: Any) -> str:
    stored = storable_value(key)
    # Like `json.dumps` for keys that YAML allows and JSON does not.
    return stored if isinstance(stored, str) else msgspec.json.encode(stored).decode()


def _difference(raw: Any, known: Any, path: str) -> str | None:
    """Return a message on the first unknown or missing key, `None` if there is none."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key, value in raw.items():
            if key not in known:
                return f"unknown key `{str(key)[:60]}` - at `{path}`"
            # Most values are plain: a path for each would take most of the time.
            found = isinstance(value, dict | list) and _difference(
                value, known[key], f"{path}.{key}"
            )
            if found:
                return found
        for key in (key for key in known if key not in raw):
            return f"missing key `{key}` - at `{path}`"
    elif isinstance(raw, list) and isinstance(known, list | tuple):
        for index, (one, two) in enumerate(zip(raw, known, strict=True)):
            found = _difference(one, two, f"{path}[{index}]")
            if found:
                return found
    return None


def json_of(value: Any, odd: bool = False) -> bytes:
    """Return a part of a report, or several, as JSON; `odd` if a value may not be storable."""
    if not odd:
        try:
            return msgspec.json.encode(value, order="deterministic")
        except UnicodeEncodeError:
            pass
    many = isinstance(value, tuple)
    stored = tuple(
        msgspec.convert(storable_value(msgspec.to_builtins(item)), type(item))
        for item in (value if many else (value,))
    )
    return msgspec.json.encode(stored if many else stored[0], order="deterministic")


def indented_parts(found: Struct, encode: Callable[[Any], bytes] = _JSON.encode) -> Iterator[bytes]:
    """Yield the JSON of a struct with indentation and a final newline, its lists item by item."""
    yield from _parts(found, 0, encode)
    yield b"\n"


def compact_parts(found: Struct) -> Iterator[bytes]:
    """Yield the JSON of a struct without spaces, its lists item by item."""
    return _parts(found, None)


def _parts(
    found: Struct, depth: int | None, encode: Callable[[Any], bytes] = _JSON.encode
) -> Iterator[bytes]:
    """Yield the JSON of a struct, its lists item by item: the whole may have tens of megabytes.

    `depth` is by how many spaces all of it is indented; `None` for JSON without spaces.
    """
    deeper = None if depth is None else depth + _INDENT
    begin, colon = b"{", b":" if depth is None else b": "
    for name in found.__struct_encode_fields__:
        yield begin + _new_line(deeper) + _JSON.encode(name) + colon
        value = getattr(found, name)
        if isinstance(value, Struct):
            yield from _parts(value, deeper, encode)
        elif isinstance(value, tuple) and value:
            yield from _list_parts(value, deeper, encode)
        else:
            yield _indented(encode(value), deeper)
        begin = b","
    yield _new_line(depth) + b"}"


def _list_parts(
    items: tuple[Any, ...], depth: int | None, encode: Callable[[Any], bytes]
) -> Iterator[bytes]:
    begin, end = b"[", _new_line(depth) + b"]"
    start, count = 0, 1
    while start < len(items):
        part = _indented(encode(items[start : start + count]), depth)
        yield begin + part[1 : -len(end)]
        begin = b","
        start += count
        count = max(1, min(2 * count, count * _PART // len(part)))
    yield end


def _new_line(depth: int | None) -> bytes:
    return b"" if depth is None else b"\n" + b" " * depth


def _indented(data: bytes, depth: int | None) -> bytes:
    if depth is None:
        return data
    # A line end inside a text is escaped in JSON.
    return msgspec.json.format(data, indent=_INDENT).replace(b"\n", _new_line(depth))


def are_plain(values: list[Any]) -> bool:
    """Whether JSON gives all values back as they are, keys in their order; empties the list."""
    while values:
        value = values.pop()
        kind = type(value)
        if kind is dict:
            keys = list(value)
            if not all(type(key) is str for key in keys) or keys != sorted(keys):
                return False
            values += value.values()
        elif kind is list:
            values += value
        elif kind is float or kind is int:
            if not (isfinite(value) if kind is float else -(2**63) <= value < 2**64):
                return False
        elif not (value is None or kind is str or kind is bool):
            return False
    return True
