"""Find the line numbers of keys in metrics and params files, for findings to point at."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.parsing.values_file import parse_values
from lineage_diff.parsing.yaml_limits import check_yaml_limits

_OTHER_FORMATS = (".py",)
_TOML_BYTES = 4 * limits.VALUE_LINES_BYTES
_TOML_ENDS = ("]", "}", '"""', "'''")


def value_lines(
    snapshot: Snapshot, paths: Iterable[str], bounds: Limits = USUAL
) -> Mapping[str, Mapping[str, int]]:
    """Return, by file, the line (from 1) of each key, its parts joined by dots.

    Only JSON, YAML and TOML are read. Files in other formats, not in Git, too large or broken are
    left out, as are those beyond `limits.VALUE_LINES_BYTES` in total.
    """
    found: dict[str, Mapping[str, int]] = {}
    left = limits.VALUE_LINES_BYTES
    for path in sorted(set(paths)):
        target = snapshot.resolve(path)
        entry = snapshot.entry(target) if target is not None else None
        if entry is None or entry.kind != "file" or path.endswith(_OTHER_FORMATS):
            continue
        for _, content in snapshot.read_oids([entry.oid]):
            left -= len(content)
            if left >= 0 and (lines := _lines(path, content, bounds.yaml_nodes)):
                found[path] = lines
    return found


def _lines(path: str, content: bytes, max_values: int) -> Mapping[str, int]:
    return toml_lines(content, path) if path.endswith(".toml") else lines_of(content, max_values)


def lines_of(content: bytes, max_values: int) -> Mapping[str, int]:
    """Return the lines of one file's keys.

    Empty for a file that is not a YAML or JSON mapping, or has more than `max_values` values.
    """
    # Imported here: most runs need no line numbers.
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = content.decode("utf-8")
        check_yaml_limits(text, yaml.parse(text, Loader=loader), "", max_values)
        return _up_to_bound(_keys(yaml.compose(text, Loader=loader)))
    except (yaml.YAMLError, InputError, RecursionError, ValueError):
        return {}


def _up_to_bound(keys: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Return the lines of the keys; none if the full keys are too long in total."""
    found: dict[str, int] = {}
    left = 32 * limits.VALUE_LINES_BYTES
    for key, line in keys:
        left -= len(key)
        if left < 0:
            return {}
        found[key] = line
    return found


def _keys(root: Any) -> Iterator[tuple[str, int]]:
    # As above.
    import yaml

    seen: set[int] = set()
    pending = deque([("", root)])
    while pending:
        above, node = pending.popleft()
        # A value repeated by an alias has the line of its anchor.
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = f"{above}{key.value}"
                yield name, key.start_mark.line + 1
                pending.append((f"{name}.", value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                yield f"{above}{index}", value.start_mark.line + 1
                pending.append((f"{above}{index}.", value))


def toml_lines(content: bytes, path: str) -> Mapping[str, int]:
    """Return the lines of the keys of a TOML file; those inside a value have its first line.

    Each table header and each assignment is read by itself, by Python's own reader. Empty for a
    file that is not TOML, or that takes more than `_TOML_BYTES` to read in this way.
    """
    found: dict[str, int] = {}
    try:
        parse_values(content, path)
        for key, line in _toml_keys(content.decode("utf-8").replace("\r\n", "\n").split("\n")):
            found.setdefault(key, line)
    except (InputError, ValueError, RecursionError):
        return {}
    return _up_to_bound(found.items())


def _toml_keys(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the keys with their lines. Raises `ValueError` past the bound of work."""
    above = ""
    arrays: dict[str, int] = {}
    for line, text, values in _toml_statements(lines):
        if text.lstrip().startswith("["):
            for above in _table_names(values, arrays):
                yield above, line
        else:
            for name in _names_inside(values):
                yield f"{above}.{name}" if above else name, line


def _toml_statements(lines: Sequence[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the first line, from 1, the text and the values of each statement."""
    left = _TOML_BYTES
    start = 0
    for end, last in enumerate(lines, 1):
        # A value of several lines ends with one of these.
        if end > start + 1 and not any(sign in last for sign in _TOML_ENDS):
            continue
        text = "\n".join(lines[start:end])
        left -= len(text)
        if left < 0:
            raise ValueError(end)
        values = _toml_values(text)
        if values is not None:
            yield start + 1, text, values
            start = end


def _toml_values(text: str) -> dict[str, Any] | None:
    """Return the values of a text, `None` if it is not complete."""
    # Imported here: most params files are YAML.
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _table_names(header: Mapping[str, Any], arrays: dict[str, int]) -> Iterator[str]:
    """Yield the name of a table after those above it; `arrays` counts the arrays of tables."""
    name, value = "", header
    while value:
        key, inner = next(iter(value.items()))
        name = f"{name}.{key}" if name else key
        yield name
        if isinstance(inner, list):
            arrays[name] = arrays.get(name, -1) + 1
            inner = inner[0]
        if name in arrays:
            name = f"{name}.{arrays[name]}"
            yield name
        value = inner


def _names_inside(value: Any, above: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, Mapping) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        name = f"{above}.{key}" if above else str(key)
        yield name
        yield from _names_inside(item, name)
