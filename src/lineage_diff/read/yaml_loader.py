"""YAML as DVC reads it: ruamel's YAML 1.2 rules on PyYAML's C parser, an order faster.

DVC loads with `ruamel.yaml.YAML(typ="safe")` (`dvc.utils.serialize._yaml`): YAML 1.2 scalars plus
timestamps, `_` in digits, merge keys; duplicate keys and unknown tags are errors.
"""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from lineage_diff.read.errors import InputError
from lineage_diff.read.yaml_limits import check_yaml_limits, too_deep

_CONFLICT = re.compile(r"^<{7}(?: |$)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%YAML", re.MULTILINE)

_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"(?:~|null|Null|NULL|)$")
_FLOAT = re.compile(
    r"""(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
    |[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
_INT = re.compile(r"(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$")
_TIMESTAMP = re.compile(
    r"""(?:[0-9]{4}-[0-9]{2}-[0-9]{2}
    |[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?
     (?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
     (?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)$""",
    re.VERBOSE,
)
# Order and first characters as in ruamel.yaml.resolver.implicit_resolvers for version 1.2.
_RESOLVERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("bool", _BOOL, "tTfF"),
    ("float", _FLOAT, "-+0123456789."),
    ("int", _INT, "-+0123456789"),
    ("merge", re.compile(r"<<$"), "<"),
    ("null", _NULL, "~nN"),
    ("timestamp", _TIMESTAMP, "0123456789"),
    ("value", re.compile(r"=$"), "="),
)


class DuplicateKeyError(InputError):
    """The same key twice in one mapping: DVC refuses the file."""


class ConflictError(InputError):
    """Git's conflict markers were committed."""


def load_yaml(text: bytes | str, file: str) -> Any:
    """Parse one YAML document as DVC would; an empty one is `None`.

    `file` names it in errors. Raises `InputError` with file and line: for bad syntax, a duplicate
    key, an unknown tag, bytes that are no UTF-8, conflict markers, or a text over the limits of
    `yaml_limits`.
    """
    import yaml

    if isinstance(text, bytes):
        text = decode(text, file)
    if conflict := _CONFLICT.search(text):
        raise _conflict(file, text.count("\n", 0, conflict.start()) + 1)
    loader = _loader_class()
    try:
        check_yaml_limits(text, yaml.parse(text, Loader=loader), file)
        if _DIRECTIVE.search(text):
            return _load_with_ruamel(text)
        with collection_paused():
            return yaml.load(text, Loader=loader)  # noqa: S506 (a subclass of the safe loader)
    except DuplicateKeyError as error:
        error.file = file
        raise
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, file) from error
    except RecursionError as error:
        raise too_deep(file) from error
    except (yaml.YAMLError, ValueError, ArithmeticError, TypeError) as error:
        raise _bad_value(str(error), file) from error


def decode(text: bytes, file: str) -> str:
    """Decode UTF-8, the only encoding in which DVC reads its files."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise InputError(
            "not valid UTF-8", mend="Save the file as UTF-8.", file=file, line=line
        ) from error


def plain_value(text: str) -> Any:
    """Return what a plain (unquoted) scalar of one line means: a string, number, bool or null.

    Raises `ValueError` for what is no plain value here: a timestamp, `<<` or `=`.
    """
    first = text[:1]
    for tag, pattern, firsts in _RESOLVERS:
        if (first in firsts or not text) and pattern.match(text):
            return _PLAIN[tag](text)
    return text


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keep Python's cycle collector off while many long-lived objects are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _int(text: str) -> int:
    text = text.replace("_", "")
    digits = text.lstrip("+-")[:2]
    base = {"0b": 2, "0x": 16, "0o": 8}.get(digits, 10)
    return int(text, base)


def _float(text: str) -> float:
    text = text.replace("_", "").lower()
    if text.endswith((".inf", ".nan")):
        text = text.replace(".", "")
    return float(text)


def _no_plain(text: str) -> Any:
    raise ValueError(f"no plain value: {text}")


_PLAIN: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: text.lower() == "true",
    "float": _float,
    "int": _int,
    "null": lambda text: None,
    "merge": _no_plain,
    "timestamp": _no_plain,
    "value": _no_plain,
}


@cache
def _loader_class() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

        def flatten_mapping(self, node: Any) -> None:
            if not hasattr(node, "own"):
                merges = [key for key, _ in node.value if key.tag.endswith(":merge")]
                if len(merges) > 1:
                    raise _duplicate("<<", merges[1])
                node.own = len(node.value) - len(merges)
            super().flatten_mapping(node)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            if not isinstance(node, yaml.MappingNode):
                return super().construct_mapping(node, deep)  # type: ignore[no-any-return]
            self.flatten_mapping(node)
            merged = len(node.value) - node.own
            mapping: dict[Any, Any] = {}
            own: set[Any] = set()
            for index, (key_node, value_node) in enumerate(node.value):
                key = self.construct_object(key_node, deep=True)
                if isinstance(key, list):
                    key = tuple(key)
                if index >= merged:
                    if key in own:
                        raise _duplicate(key, key_node)
                    own.add(key)
                mapping[key] = self.construct_object(value_node, deep=deep)
            return mapping

    for tag, pattern, firsts in _RESOLVERS:
        for first in [*firsts, ""] if tag == "null" else firsts:
            Loader.yaml_implicit_resolvers.setdefault(first, []).append(
                (f"tag:yaml.org,2002:{tag}", pattern)
            )
    Loader.add_constructor(
        "tag:yaml.org,2002:int", lambda loader, node: _int(loader.construct_scalar(node))
    )
    Loader.add_constructor(
        "tag:yaml.org,2002:float", lambda loader, node: _float(loader.construct_scalar(node))
    )
    Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)
    return Loader


def _timestamp(loader: Any, node: Any) -> Any:
    from ruamel.yaml.util import create_timestamp, timestamp_regexp

    match = timestamp_regexp.match(loader.construct_scalar(node))
    if match is None:
        raise ValueError(f"no timestamp: {node.value}")
    return create_timestamp(**match.groupdict())


def _load_with_ruamel(text: str) -> Any:
    # A %YAML directive changes the rules for scalars, in ruamel alone.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _duplicate(key: object, node: Any) -> DuplicateKeyError:
    return DuplicateKeyError(
        f"the key `{key}` occurs twice in one mapping",
        mend="Rename or remove one of them: DVC refuses the file.",
        line=node.start_mark.line + 1,
    )


def _conflict(file: str, line: int) -> ConflictError:
    return ConflictError(
        "Git conflict markers were committed",
        mend="Resolve the conflict, then commit the file again.",
        file=file,
        line=line,
    )


def _syntax_error(error: Any, file: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    return InputError(
        f"not valid YAML: {error.problem or error.context}",
        mend="Correct the syntax at that line.",
        file=file,
        line=mark.line + 1 if mark else None,
    )


def _bad_value(message: str, file: str) -> InputError:
    first = message.splitlines()[0] if message else "a value cannot be read"
    return InputError(
        f"not valid YAML: {first}", mend="Correct the value, or put it in quotes.", file=file
    )
