"""What every report of ours has in common as JSON: strict reading, storable values, a schema."""

import inspect
from collections.abc import Mapping
from math import isfinite, isinf, isnan
from typing import Any, TypeVar

import msgspec

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_BYTES = 64 * 1024 * 1024

T = TypeVar("T")


class ReportError(Exception):
    """Bytes that are no report of this schema version. `message` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def formatted(data: bytes) -> bytes:
    """Return JSON laid out for people, with a line end."""
    # The bytes that came in are let go of first: of a large report they are hundreds of megabytes.
    data = msgspec.json.format(data, indent=2)
    return data + b"\n"


def decode_strictly(
    data: bytes, source: str, kind: type[T], schema_version: int, most: int = MAX_BYTES
) -> T:
    """Return the object that the bytes hold. Raises `ReportError`, with the JSON path.

    `source` names where the bytes come from. Every key must be there, and no other.
    """
    if len(data) > most:
        raise ReportError(f"{source} holds {len(data)} bytes, more than {most}")
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


def schema_of(
    kind: type, schema_id: str, title: str, optional: dict[str, set[str]] | None = None
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a dataclass; `optional` are the keys that may be absent,
    by the name of their class."""
    made = msgspec.json.schema(kind)
    definitions: dict[str, Any] = made["$defs"]
    root = definitions.pop(kind.__name__)
    for definition in (root, *definitions.values()):
        _close(definition, optional or {})
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": schema_id,
        **root,
        "title": title,
        "$defs": dict(sorted(definitions.items())),
    }


def _close(definition: dict[str, Any], optional: dict[str, set[str]]) -> None:
    if "description" in definition:
        definition["description"] = " ".join(inspect.cleandoc(definition["description"]).split())
    properties = definition.get("properties", {})
    for value in properties.values():
        value.pop("default", None)
    absent = optional.get(definition["title"], set())
    definition["required"] = [name for name in properties if name not in absent]
    definition["additionalProperties"] = False


def has_odd_values(values: list[Any]) -> bool:
    """Whether any of them holds a number or a key that JSON cannot; the list is used up."""
    while values:
        value = values.pop()
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
    """Return builtins as JSON can hold them.

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
    # As `json.dumps` writes the keys that YAML allows and JSON does not.
    return stored if isinstance(stored, str) else msgspec.json.encode(stored).decode()


def _difference(raw: Any, known: Any, path: str) -> str | None:
    """Say where what was read differs from what a report holds: keys too many or too few."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key in [*raw, *known]:
            if key not in known:
                return f"unknown key `{str(key)[:60]}` - at `{path}`"
            if key not in raw:
                return f"missing key `{key}` - at `{path}`"
            found = _difference(raw[key], known[key], f"{path}.{key}")
            if found:
                return found
    elif isinstance(raw, list) and isinstance(known, list | tuple):
        for index, (one, two) in enumerate(zip(raw, known, strict=True)):
            found = _difference(one, two, f"{path}[{index}]")
            if found:
                return found
    return None
