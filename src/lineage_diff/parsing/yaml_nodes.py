"""Build data from YAML nodes, as ruamel's safe constructor does (`ruamel.yaml.constructor`)."""

from collections.abc import Callable
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import MalformedError

_PREFIX = "tag:yaml.org,2002:"
_STR, _SEQ, _MAP = f"{_PREFIX}str", f"{_PREFIX}seq", f"{_PREFIX}map"
_MERGE, _VALUE = f"{_PREFIX}merge", f"{_PREFIX}value"
_BOOLS = {"true": True, "yes": True, "y": True, "on": True}
_BOOLS |= {"false": False, "no": False, "n": False, "off": False}


class DuplicateKeyError(MalformedError):
    """A mapping has the same key twice: DVC refuses the file."""


class NodeBuilder:
    """Builds the data of one document; an aliased node is built once and shared."""

    def __init__(self) -> None:
        self._shared: dict[int, Any] = {}

    def build(self, node: Any) -> Any:
        """Return a node's data.

        Raises `DuplicateKeyError` without a file, `ValueError` and `TypeError` for bad values,
        and PyYAML's errors for tags that are not YAML's own.
        """
        tag, value = node.tag, node.value
        if isinstance(value, str):
            if tag == _STR:
                return value
            make = _SCALARS.get(tag)
            if make is not None:
                return make(value)
        known = self._shared.get(id(node))
        if known is None:
            known = self._shared[id(node)] = self._collection(node)
        return known

    def _collection(self, node: Any) -> Any:
        if node.tag == _SEQ and node.id == "sequence":
            return [_text(item) or self.build(item) for item in node.value]
        if node.tag == _MAP and node.id == "mapping":
            return self._mapping(node)
        return self._build_tagged(node)

    def _mapping(self, node: Any) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        merge: Any = None
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                if merge is not None:
                    raise _duplicate("<<", key_node)
                merge = value_node
                continue
            key = _text(key_node) or self._key(key_node)
            if key in mapping:
                raise _duplicate(key, key_node)
            mapping[key] = _text(value_node) or self.build(value_node)
        return mapping if merge is None else self._merge(merge, mapping)

    def _key(self, node: Any) -> Any:
        if node.tag == _VALUE:
            return node.value
        key = self.build(node)
        return tuple(key) if isinstance(key, list) else key

    def _merge(self, merge: Any, own: dict[Any, Any]) -> dict[Any, Any]:
        """Put merged keys first; the first of several merged mappings wins, own keys over all."""
        sources = merge.value if merge.id == "sequence" else [merge]
        merged: dict[Any, Any] = {}
        for source in reversed(sources):
            if source.id != "mapping":
                raise ValueError("only mappings can be merged with `<<`")
            merged |= self.build(source)
        return merged | own

    def _build_tagged(self, node: Any) -> Any:
        # Imported here: the fast readers need no PyYAML.
        import yaml

        if node.tag in (f"{_PREFIX}set", f"{_PREFIX}omap", f"{_PREFIX}pairs", f"{_PREFIX}binary"):
            return yaml.constructor.SafeConstructor().construct_document(node)
        raise yaml.constructor.ConstructorError(
            None, None, f"the tag {node.tag!r} is not allowed", node.start_mark
        )


def _text(node: Any) -> str | None:
    """Return the text of a string scalar, `None` for another node; most are strings."""
    return node.value if node.tag == _STR and node.id == "scalar" else None


def int_of(text: str) -> int:
    """Read YAML 1.2's numbers, with `_` between digits and `0b`, `0o`, `0x`; `017` is 17."""
    text = text.replace("_", "")
    if len(text) > limits.INTEGER_DIGITS:
        raise ValueError(f"an integer of more than {limits.INTEGER_DIGITS} digits")
    base = {"0b": 2, "0x": 16, "0o": 8}.get(text.lstrip("+-")[:2], 10)
    return int(text, base)


NAN = float("nan")
"""The one NaN of all YAML files, as in ruamel.yaml: so lists and mappings with it are equal."""


def float_of(text: str) -> float:
    """Read YAML 1.2's floats, including `.inf` and `.nan`."""
    text = text.replace("_", "").lower()
    if text == ".nan":
        return NAN
    if text.endswith((".inf", ".nan")):
        text = text.replace(".", "")
    return float(text)


def _bool(text: str) -> bool:
    return _BOOLS[text.lower()]


def _timestamp(text: str) -> Any:
    # Imported here: most files have no timestamp.
    from ruamel.yaml.util import create_timestamp, timestamp_regexp

    match = timestamp_regexp.match(text)
    if match is None:
        raise ValueError(f"no timestamp: {text}")
    return create_timestamp(**match.groupdict())


_SCALARS: dict[str, Callable[[str], Any]] = {
    f"{_PREFIX}int": int_of,
    f"{_PREFIX}float": float_of,
    f"{_PREFIX}bool": _bool,
    f"{_PREFIX}null": lambda text: None,
    f"{_PREFIX}timestamp": _timestamp,
}


def _duplicate(key: object, node: Any) -> DuplicateKeyError:
    return DuplicateKeyError(
        f"the key `{key}` occurs twice in one mapping",
        hint="Rename or remove one of them: DVC refuses the file.",
        line=node.start_mark.line + 1,
    )
