"""Read YAML as DVC does: ruamel's YAML 1.2 rules on PyYAML's C parser, ten times faster.

DVC loads with `ruamel.yaml.YAML(typ="safe")` (`dvc.utils.serialize._yaml`): YAML 1.2 scalars plus
timestamps, `_` in digits, merge keys; duplicate keys and unknown tags are errors.
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from lineage_diff.errors import MalformedError
from lineage_diff.limits import USUAL, Limits
from lineage_diff.parsing.usual_yaml import usual_yaml
from lineage_diff.parsing.work_budget import (
    PARSER_STEPS,
    PARSER_VALUE_STEPS,
    PARSING,
    VALUE_STEPS,
    WorkBudget,
)
from lineage_diff.parsing.yaml_builder import DuplicateKeyError, ValueBuilder
from lineage_diff.parsing.yaml_limits import check_yaml_limits, most_values, too_deep
from lineage_diff.parsing.yaml_scalars import RESOLVERS, plain_value

__all__ = ["ConflictError", "DuplicateKeyError", "decode", "load_yaml", "plain_value"]

_CONFLICT = re.compile(r"^<{7}(?: |$)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%YAML", re.MULTILINE)


class ConflictError(MalformedError):
    """Git's conflict markers were committed."""


def load_yaml(
    text: bytes | str, file: str, work: WorkBudget | None = None, limits: Limits = USUAL
) -> Any:
    """Parse one YAML document as DVC would; an empty one is `None`.

    `file` is its name in errors. Raises `InputError` with file and line: for bad syntax, a
    duplicate key, an unknown tag, bytes that are not UTF-8, conflict markers, or a text over the
    limits of `yaml_limits` or over the remaining `work`. With `work`, its own `limits` apply.
    """
    limits = limits if work is None else work.limits
    if isinstance(text, bytes):
        text = decode(text, file)
    values = most_values(text)
    if values > limits.yaml_nodes:
        return load_any_yaml(text, file, limits=limits)
    if work is not None:
        # Counted before: a text with an error costs as much as any other.
        work.spend(VALUE_STEPS * values, PARSING)
    with collection_paused():
        usual = usual_yaml(text)
    return load_any_yaml(text, file, work, limits, values) if usual is None else usual


def load_any_yaml(
    text: str, file: str, work: WorkBudget | None = None, limits: Limits = USUAL, counted: int = 0
) -> Any:
    """Parse one YAML document as `load_yaml` does, always with a YAML parser.

    `counted` values of it are already counted as `work`.
    """
    # Imported here: the fast readers need no PyYAML.
    import yaml

    loader = _loader_class()
    try:
        values = check_yaml_limits(text, yaml.parse(text, Loader=loader), file, limits.yaml_nodes)
        if work is not None:
            longer = PARSER_STEPS + PARSER_VALUE_STEPS * values
            work.spend(VALUE_STEPS * (values - counted) + longer, PARSING)
        if "%YAML" in text and _DIRECTIVE.search(text):
            return _load_with_ruamel(text)
        with collection_paused():
            value = ValueBuilder(loader(text)).document()
    except DuplicateKeyError as error:
        error.file = file
        if (conflict := _conflict(text, file)) is not None:
            raise conflict from error
        raise
    except yaml.MarkedYAMLError as error:
        raise _conflict(text, file) or _syntax_error(error, file) from error
    except RecursionError as error:
        raise too_deep(file) from error
    except (yaml.YAMLError, ValueError, ArithmeticError, TypeError) as error:
        raise _bad_value(str(error), file) from error
    # Markers with nothing else between them are a text to YAML.
    if isinstance(value, str) and (conflict := _conflict(text, file)) is not None:
        raise conflict
    return value


def decode(text: bytes, file: str) -> str:
    """Decode UTF-8, the only encoding that DVC reads. Raises `InputError` for other bytes."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise MalformedError(
            "not valid UTF-8", hint="Save the file as UTF-8.", file=file, line=line
        ) from error


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause Python's garbage collector while many long-lived objects are created."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def _loader_class() -> Any:
    # Imported here: the fast readers need no PyYAML.
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    scalar, text = yaml.ScalarNode, base.DEFAULT_SCALAR_TAG
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers = resolvers

        # As in the base class, but without wildcards and paths, which this class does not use.
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is not scalar or not implicit[0]:
                return super().resolve(kind, value, implicit)
            first = value[:1]
            if first in resolvers:
                for tag, pattern in resolvers[first]:
                    if pattern.match(value):
                        return tag
            return text

        def descend_resolver(self, node: Any, index: Any) -> None:
            pass

        def ascend_resolver(self) -> None:
            pass

    for tag, pattern, firsts in RESOLVERS:
        for first in [*firsts, ""] if tag == "null" else firsts:
            resolvers.setdefault(first, []).append((f"tag:yaml.org,2002:{tag}", pattern))
    return Loader


def _load_with_ruamel(text: str) -> Any:
    # A %YAML directive changes the rules for scalars; only ruamel applies it.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _conflict(text: str, file: str) -> ConflictError | None:
    """Return the error of Git's markers, where they are why a text does not load."""
    found = _CONFLICT.search(text) if "<<<<<<<" in text else None
    if found is None:
        return None
    return ConflictError(
        "Git conflict markers were committed",
        hint="Resolve the conflict, then commit the file again.",
        file=file,
        line=text.count("\n", 0, found.start()) + 1,
    )


def _syntax_error(error: Any, file: str) -> MalformedError:
    mark = error.problem_mark or error.context_mark
    return MalformedError(
        f"not valid YAML: {error.problem or error.context}",
        hint="Correct the syntax at that line.",
        file=file,
        line=mark.line + 1 if mark else None,
    )


def _bad_value(message: str, file: str) -> MalformedError:
    first = message.splitlines()[0] if message else "a value cannot be read"
    return MalformedError(
        f"not valid YAML: {first}", hint="Correct the value, or put it in quotes.", file=file
    )
