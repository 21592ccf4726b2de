"""Find the line numbers of keys in metrics and params files, for findings to point at."""

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

    Only JSON and YAML are read. Files in other formats, not in Git, too large or not YAML are left
    out, as are those beyond `limits.VALUE_LINES_BYTES` in total.
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
