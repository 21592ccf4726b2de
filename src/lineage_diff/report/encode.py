"""A Report as JSON bytes and back, and the JSON Schema (2020-12) that the bytes follow."""

import inspect
from collections.abc import Mapping
from math import isfinite, isinf, isnan
from typing import Any

import msgspec

from lineage_diff.report.report import Report

SCHEMA_VERSION = 1
SCHEMA_ID = "urn:lineage-diff:report:1"
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_BYTES = 64 * 1024 * 1024


class ReportError(Exception):
    """Bytes that are no report of this schema version. `message` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def encode(report: Report) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports.

    Keys stand in the contract's order, those of free mappings sorted. JSON has no NaN and no
    infinities: they become the strings `NaN`, `Infinity` and `-Infinity`; a byte of a path that
    is not UTF-8 becomes its `\\udc..` escape; an integer beyond 64 bits becomes its digits.
    """
    return msgspec.json.format(_json(report), indent=2) + b"\n"


def storable(report: Report) -> Report:
    """Return the report as `decode` would read it back from what `encode` writes."""
    return msgspec.json.decode(_json(report), type=Report)


def decode(data: bytes, source: str) -> Report:
    """Return the report that `encode` wrote. Raises `ReportError`, with the JSON path.

    `source` names where the bytes come from. Every key must be there, and no other.
    """
    if len(data) > MAX_BYTES:
        raise ReportError(f"{source} holds {len(data)} bytes, more than {MAX_BYTES}")
    try:
        raw = msgspec.json.decode(data)
        if not isinstance(raw, dict):
            raise ReportError("`$` must be an object")
        version = raw.get("schema_version")
        if version is True or version != SCHEMA_VERSION:
            raise ReportError(
                f"`$.schema_version` is {str(version)[:20]!r}, and only {SCHEMA_VERSION} is known"
            )
        report = msgspec.convert(raw, Report)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ReportError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ReportError("it nests too deeply") from error
    found = _difference(raw, msgspec.to_builtins(report), "$")
    if found:
        raise ReportError(found)
    return report


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report, as `report.schema.json` holds it."""
    made = msgspec.json.schema(Report)
    definitions: dict[str, Any] = made["$defs"]
    root = definitions.pop("Report")
    for definition in (root, *definitions.values()):
        _close(definition)
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID,
        **root,
        "title": "lineage-diff report",
        "$defs": dict(sorted(definitions.items())),
    }


def schema_bytes() -> bytes:
    """Return the JSON Schema as it is committed."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


OPTIONAL = {"ValueChange": {"diff"}}


def _close(definition: dict[str, Any]) -> None:
    if "description" in definition:
        definition["description"] = " ".join(inspect.cleandoc(definition["description"]).split())
    properties = definition.get("properties", {})
    for value in properties.values():
        value.pop("default", None)
    optional = OPTIONAL.get(definition["title"], set())
    definition["required"] = [name for name in properties if name not in optional]
    definition["additionalProperties"] = False


def _json(report: Report) -> bytes:
    if not _has_odd_values(report):
        try:
            return msgspec.json.encode(report, order="deterministic")
        except UnicodeEncodeError:
            pass
    stored = msgspec.convert(_plain(report), Report)
    return msgspec.json.encode(stored, order="deterministic")


def _has_odd_values(report: Report) -> bool:
    """Whether it holds a number or a key that JSON cannot: only a repository's values can."""
    values: list[Any] = [report.params, report.metrics]
    for model in report.models:
        values += [(metric.old, metric.new, metric.diff) for metric in model.metrics]
        values += [(cause.old, cause.new) for cause in model.causes]
    for stage in report.stages:
        values += [(reason.here, reason.locked) for reason in stage.reasons]
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


def _plain(report: Report) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(report)
    for model in plain["models"]:
        for metric in model["metrics"]:
            if _storable(metric["diff"]) != metric["diff"]:
                metric["diff"] = None
    for changes in (plain["params"], plain["metrics"]):
        for file in changes.values():
            for change in file.values():
                # A difference is a number or is not there.
                if "diff" in change and _storable(change["diff"]) != change["diff"]:
                    del change["diff"]
    stored: dict[str, Any] = _storable(plain)
    return stored


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
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
    stored = _storable(key)
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
