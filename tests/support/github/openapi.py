"""GitHub's own OpenAPI description: which operations there are, and what keeps to them.

The file is `generated/api.github.com.json` of the npm package `@octokit/openapi` (MIT), OpenAPI
3.0.3, which `scripts/github-api` gets.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema_rs import Draft7Validator

VARIABLE = "LINEAGE_DIFF_GITHUB_API"
Json = dict[str, Any]


def _path() -> Path:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(sys.prefix) / "share" / "github" / "api.github.com.json"


# With npm, or a path that is named, a description that is not there is a failure.
OUT_OF_REACH = (
    "no npm on this machine to get GitHub's OpenAPI description with (scripts/github-api)"
    if VARIABLE not in os.environ and not _path().is_file() and shutil.which("npm") is None
    else ""
)
needs_description = pytest.mark.skipif(bool(OUT_OF_REACH), reason=OUT_OF_REACH)


@cache
def description() -> Json:
    """Return the whole description. Raises `RuntimeError` with how to get it where it is not."""
    path = _path()
    if not path.is_file():
        raise RuntimeError(
            f"{path} is not there: run scripts/github-api, or name the file in {VARIABLE}"
        )
    document: Json = json.loads(path.read_bytes())
    return document


@cache
def operation(method: str, template: str) -> "Operation":
    """Return the operation of a method and a path as the description has it, with parameters in
    braces. Raises `KeyError` when GitHub has no such operation."""
    return Operation(description()["paths"][template][method.lower()])


def payload_errors(schema: str, payload: Json) -> Iterator[str]:
    """Yield what an event's payload has against a schema, such as `webhook-push`."""
    reference = {"$ref": f"#/components/schemas/{schema}"}
    yield from _errors(schema, reference, payload)


class Operation:
    """One operation of the description."""

    def __init__(self, source: Json) -> None:
        self._source = source
        self._parameters = {p["name"]: p for p in map(_resolved, source.get("parameters", ()))}

    @property
    def id(self) -> str:
        """GitHub's `operationId`, such as `issues/create-comment`."""
        return str(self._source["operationId"])

    def request_errors(self, path: Mapping[str, str], query: str, body: bytes) -> Iterator[str]:
        """Yield what a request has against the description, its path's parameters, its query
        string and its body; undocumented parameters and fields too."""
        values = dict(path) | dict(parse_qsl(query, keep_blank_values=True))
        for name, value in values.items():
            parameter = self._parameters.get(name)
            if parameter is None:
                yield f"{self.id}: no parameter {name!r}"
            else:
                schema = parameter["schema"]
                yield from _errors(f"{self.id}: parameter {name}", schema, _typed(schema, value))
        yield from self._body_errors(body)

    def _body_errors(self, body: bytes) -> Iterator[str]:
        content = self._source.get("requestBody", {}).get("content", {}).get("application/json")
        required = self._source.get("requestBody", {}).get("required", False)
        if not body:
            if required:
                yield f"{self.id}: no body"
            return
        if content is None:
            yield f"{self.id}: takes no body"
            return
        try:
            value = json.loads(body)
            # Half of a surrogate pair passes here, written as `\\ud800`, and nowhere else.
            json.dumps(value, ensure_ascii=False).encode()
        except ValueError as error:
            yield f"{self.id}: the body is no JSON: {error}"
            return
        yield from _errors(f"{self.id}: request", content["schema"], value)
        known = _field_names(content["schema"])
        for name in sorted(value.keys() - known) if isinstance(value, dict) and known else ():
            yield f"{self.id}: request: no field {name!r}"

    def response_errors(self, status: int, body: Any) -> Iterator[str]:
        """Yield what a response has against the description. `body` is parsed JSON, `None` where
        there is none. Errors that GitHub gives and does not describe are held to its schemas for
        errors; 5xx answers are pages of HTML and held to nothing."""
        if status >= 500:
            return
        documented = self._source["responses"].get(str(status))
        content = _resolved(documented).get("content") if documented else None
        if content is not None:
            schema = content["application/json"]["schema"]
            if status >= 400 and "oneOf" in schema:
                # The schemas for errors overlap: a plain message fits more than one of them.
                schema = {"anyOf": schema["oneOf"]}
            yield from _errors(f"{self.id}: response {status}", schema, body)
        elif status >= 400:
            yield from _errors(f"{self.id}: response {status}", _error_schema(status), body)
        elif documented is None:
            yield f"{self.id}: GitHub documents no answer {status}"
        elif body is not None:
            yield f"{self.id}: response {status}: a body where there is none"


# GitHub does give `null` for a pull request's head whose fork is deleted; its description, which
# means that of an open one, has no word of it.
_NULL = "null is not of type"


def _errors(what: str, schema: Json, value: Any) -> Iterator[str]:
    for error in _compiled(json.dumps(schema, sort_keys=True)).iter_errors(value):
        where = "/".join(map(str, error.instance_path)) or "."
        if not (where.endswith("head/repo") and error.message.startswith(_NULL)):
            yield f"{what}: {where}: {error.message[:300]}"


@cache
def _compiled(schema: str) -> Draft7Validator:
    root: Json = json.loads(schema)
    return Draft7Validator(
        _as_draft7(root) | {"definitions": _reached(root)}, validate_formats=True
    )


def _reached(root: Json) -> Json:
    """Return the component schemas that a schema refers to, at any depth, in Draft 7's terms."""
    found: Json = {}
    waiting = list(_references(root))
    while waiting:
        name = waiting.pop()
        if name not in found:
            source = description()["components"]["schemas"][name]
            found[name] = _as_draft7(source)
            waiting.extend(_references(source))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for child in value.values():
            yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)


def _error_schema(status: int) -> Json:
    names = ("validation-error-simple", "validation-error") if status == 422 else ("basic-error",)
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}


_ANNOTATIONS = frozenset(("description", "example", "examples", "default", "title", "deprecated"))


def _as_draft7(schema: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema Draft 7: `nullable`, and where references go."""
    if isinstance(schema, list):
        return [_as_draft7(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str):
        plain: Json = {"$ref": f"#/definitions/{reference.rpartition('/')[2]}"}
    else:
        plain = {
            key: {name: _as_draft7(child) for name, child in value.items()}
            if key == "properties"
            else value
            if key in ("enum", "required")
            else _as_draft7(value)
            for key, value in schema.items()
            if key != "nullable" and key not in _ANNOTATIONS and not key.startswith("x-")
        }
    return {"anyOf": [{"type": "null"}, plain]} if schema.get("nullable") is True else plain


def _resolved(value: Json) -> Json:
    """Follow a reference to a parameter or a response."""
    if "$ref" not in value:
        return value
    found: Any = description()
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _typed(schema: Json, value: str) -> Any:
    """Return a parameter's text as the type that the description gives it."""
    if schema.get("type") == "integer" and value.lstrip("-").isdecimal():
        return int(value)
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return value


def _field_names(schema: Json) -> set[str]:
    """Return the names of the fields that a body may have; none where it is no object."""
    if isinstance(schema.get("$ref"), str):
        name = schema["$ref"].rpartition("/")[2]
        return _field_names(description()["components"]["schemas"][name])
    names = set(schema.get("properties", ()))
    for word in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(word, ()):
            names |= _field_names(part)
    return names
