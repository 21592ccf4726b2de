"""The lines on which the keys of metrics and params files stand, for findings to point at."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.parsing.yaml_limits import check_yaml_limits

_OTHER_FORMATS = (".toml", ".py")


def value_lines(
    snapshot: Snapshot, paths: Iterable[str], bounds: Limits = USUAL
) -> Mapping[str, Mapping[str, int]]:
    """Return, by file, the line (from 1) of each key, its parts joined by dots.

    JSON and YAML are read; files in other formats, that are not in Git, too large or no YAML, are
    left out, as are those beyond `limits.VALUE_LINES_BYTES` together.
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
            if left >= 0 and (lines := lines_of(content, bounds.yaml_nodes)):
                found[path] = lines
    return found


def lines_of(content: bytes, max_values: int) -> Mapping[str, int]:
    """Return the lines of one file; empty where it is no mapping in YAML or JSON.

    So it is where it holds more than `max_values`.
    """
    # Saves PyYAML where no line is asked for.
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = content.decode("utf-8")
        check_yaml_limits(text, yaml.parse(text, Loader=loader), "", max_values)
        return _up_to_bound(_keys(yaml.compose(text, Loader=loader)))
    except (yaml.YAMLError, InputError, RecursionError, ValueError):
        return {}


def _up_to_bound(keys: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Return the lines of keys; none where the keys, each in full, are too long together."""
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
        # What an alias repeats stands where its anchor is.
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
