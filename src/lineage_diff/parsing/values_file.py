"""Parse a metrics or params file in the format that DVC assumes.

The format depends on the part of the name after its first dot (`dvc.utils.serialize`):
`.json`, `.toml`, `.py`; anything else is YAML.
"""

import json
import re
import warnings
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError, MalformedError
from lineage_diff.lineage.values import MAX_DEPTH, within_bounds
from lineage_diff.parsing.work_budget import PARSING, VALUE_STEPS, WorkBudget
from lineage_diff.parsing.yaml_loader import decode, load_yaml
from lineage_diff.text import hide_dvc_messages

_MEND = "Correct the file: DVC shows none of its values."
_LARGER = "Keep values apart, or raise `limits: values-bytes` in the base's configuration."
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
_DOT = re.compile(r"(?<![ \t])[ \t]*+\.[ \t]*+")
_LONG_KEY = re.compile(rf"""(?<![\w."'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')\.){{{MAX_DEPTH}}}""")

_BRACKET = re.compile(r"[\[({\])}]")
_QUOTED = (
    r'"""(?:[^\\]|\\.)*?"""',
    r"'''(?:[^\\]|\\.)*?'''",
    r'"(?:[^"\\\n]|\\.)*"',
    r"'(?:[^'\\\n]|\\.)*'",
)
# Each place where a formatted string may begin, also inside of another string or of a comment.
_FORMATTED = re.compile(rf"(?=[fF][rR]?({'|'.join(_QUOTED)}))", re.DOTALL)


def parse_values(content: bytes, path: str, work: WorkBudget | None = None) -> Any:
    """Return the values of a file. Raises `InputError` if it does not parse or is too large.

    An empty file, or any false value at its top, gives an empty mapping, as for DVC.
    """
    work = work or WorkBudget()
    if len(content) > (most := work.limits.values_bytes):
        raise InputError(f"larger than {most >> 20} MiB", hint=_LARGER, file=path)
    with work.keep_some():
        work.spend(len(content) // 4, PARSING)
        values = _parse(decode(content, path), path, work)
    if not within_bounds(values):
        raise InputError(
            "nested too deep, or holds an integer too long to write", hint=_MEND, file=path
        )
    return values


def suffix_of(path: str) -> str:
    """Return the part of a file's name after its first dot, which decides its format."""
    return path.rpartition("/")[2].partition(".")[2].lower()


def _parse(text: str, path: str, work: WorkBudget) -> Any:
    suffix = suffix_of(path)
    if suffix in ("json", "toml", "py"):
        work.spend(VALUE_STEPS * sum(map(text.count, "\n,:=[{")), PARSING)
    try:
        if suffix == "json":
            return json.loads(text) or {}
        if suffix == "toml":
            return _toml(text, path)
        if suffix == "py":
            return _python(text, path)
        return load_yaml(text, path, work) or {}
    except (ValueError, RecursionError, MemoryError) as error:
        raise _unparsable(path, error) from error


def _toml(text: str, path: str) -> Any:
    # Imported here: most repositories have no TOML.
    import tomllib

    # Python's parser keeps every prefix of a dotted key.
    if _LONG_KEY.search(_DOT.sub(".", text)):
        raise InputError(
            f"a key of more than {MAX_DEPTH} parts: nested too deep", hint=_MEND, file=path
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unparsable(path, error) from error


def _python(text: str, path: str) -> Any:
    # DVC's own parser: it reads the syntax tree and evaluates literals only.
    from dvc.utils.serialize import ParseError, parse_py

    hide_dvc_messages()
    if len(text) > limits.PYTHON_VALUES_BYTES or is_python_too_deep(text):
        raise InputError("too large or too deep to parse", hint="Use YAML for it.", file=path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_py(text, path)
    except (ParseError, SyntaxError, TypeError) as error:
        # DVC's error has no line; its cause has one.
        raise _unparsable(path, error.__cause__ or error) from error


def is_python_too_deep(text: str) -> bool:
    """Return whether a parser of Python would need too much of its stack or time for a text.

    Brackets in strings count, too. Up to Python 3.11, the time for a formatted string grows with
    the square of its fields.
    """
    return (
        _bracket_depth(text) > limits.PYTHON_VALUES_DEPTH
        or _format_fields(text) > limits.PYTHON_FIELDS
    )


def _bracket_depth(text: str) -> int:
    """Return an upper bound of the bracket depth."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def _format_fields(text: str) -> int:
    """Return an upper bound of the fields in one formatted string."""
    if text.count("{") <= limits.PYTHON_FIELDS:
        return 0
    return max((found[1].count("{") for found in _FORMATTED.finditer(text)), default=0)


def _unparsable(path: str, error: BaseException) -> InputError:
    line = getattr(error, "lineno", None)
    if line is None and (said := _TOML_LINE.search(str(error))):
        line = int(said[1])
    # What is too deep for us may not be so for DVC.
    kind = InputError if isinstance(error, RecursionError | MemoryError) else MalformedError
    return kind("does not parse", hint=_MEND, file=path, line=line)
