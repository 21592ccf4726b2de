"""Build data from the events of a YAML text, as ruamel's safe constructor does.

The rules are those of `ruamel.yaml.constructor`. No node is ever held in memory: one of PyYAML's
takes some 600 bytes beside its value.
"""

import base64
from collections.abc import Callable
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import MalformedError

_PREFIX = "tag:yaml.org,2002:"
_STR, _SEQ, _MAP = f"{_PREFIX}str", f"{_PREFIX}seq", f"{_PREFIX}map"
_MERGE, _VALUE = f"{_PREFIX}merge", f"{_PREFIX}value"
_BOOLS = {"true": True, "yes": True, "y": True, "on": True}
_BOOLS |= {"false": False, "no": False, "n": False, "off": False}
# Keys that are held once: those of DVC's own files occur in every entry.
_KNOWN_KEYS = 1_000


class DuplicateKeyError(MalformedError):
    """A mapping has the same key twice: DVC refuses the file."""


class ValueBuilder:
    """Builds the data of the one document that a loader of PyYAML reads.

    An aliased value is built once and shared. The nesting of the text must be limited before.
    """

    def __init__(self, loader: Any) -> None:
        # Imported here: the fast readers need no PyYAML.
        import yaml

        self._yaml = yaml
        self._next: Callable[[], Any] = loader.get_event
        self._resolve: Callable[..., str] = loader.resolve
        self._anchors: dict[str, Any] = {}
        self._keys: dict[str, str] = {}

    def document(self) -> Any:
        """Return the data of the document, `None` for an empty text.

        Raises `DuplicateKeyError` without a file, `ValueError` and `TypeError` for bad values,
        and PyYAML's errors for bad syntax and for tags that are not YAML's own.
        """
        self._next()
        if isinstance(event := self._next(), self._yaml.StreamEndEvent):
            return None
        try:
            value = self._build(self._next())
        except (self._yaml.constructor.ConstructorError, ValueError, TypeError, DuplicateKeyError):
            # An error of syntax further down comes first, as where the whole text is parsed before.
            while self._next() is not None:
                pass
            raise
        self._next()
        if not isinstance(after := self._next(), self._yaml.StreamEndEvent):
            raise self._yaml.composer.ComposerError(
                "expected a single document in the stream",
                event.start_mark,
                "but found another document",
                after.start_mark,
            )
        return value

    def _build(self, event: Any) -> Any:
        yaml = self._yaml
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
        elif kind is yaml.AliasEvent:
            if event.anchor not in self._anchors:
                raise self._wrong("found undefined alias", event)
            return self._anchors[event.anchor]
        elif kind is yaml.SequenceStartEvent:
            value = self._sequence(event)
        else:
            value = self._mapping(event)
        if event.anchor is not None:
            if event.anchor in self._anchors:
                raise self._wrong("found duplicate anchor", event)
            self._anchors[event.anchor] = value
        return value

    def _wrong(self, problem: str, event: Any) -> Exception:
        error: Exception = self._yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return error

    def _tag(self, event: Any) -> str:
        if event.tag is None or event.tag == "!":
            return self._resolve(self._yaml.ScalarNode, event.value, event.implicit)
        return str(event.tag)

    def _scalar(self, event: Any) -> Any:
        tag = self._tag(event)
        if tag == _STR:
            return event.value
        if (make := _SCALARS.get(tag)) is not None:
            return make(event.value)
        if tag == f"{_PREFIX}binary":
            return self._binary(event)
        raise self._not_allowed(tag, event)

    def _binary(self, event: Any) -> bytes:
        try:
            return base64.decodebytes(event.value.encode("ascii"))
        except ValueError as error:
            raise self._wrong(f"failed to decode base64 data: {error}", event) from error

    def _sequence(self, event: Any) -> Any:
        items: list[Any] = []
        while not isinstance(item := self._next(), self._yaml.SequenceEndEvent):
            items.append(self._build(item))
        if event.tag in (None, "!", _SEQ):
            return items
        if event.tag in (f"{_PREFIX}omap", f"{_PREFIX}pairs"):
            return [self._pair(item, event) for item in items]
        raise self._not_allowed(event.tag, event)

    def _pair(self, item: Any, event: Any) -> tuple[Any, Any]:
        if not isinstance(item, dict) or len(item) != 1:
            raise self._wrong("expected mappings of one key", event)
        (pair,) = item.items()
        return pair

    def _mapping(self, event: Any) -> Any:
        mapping: dict[Any, Any] = {}
        merges: list[Any] = []
        while not isinstance(start := self._next(), self._yaml.MappingEndEvent):
            scalar = isinstance(start, self._yaml.ScalarEvent)
            tag = self._tag(start) if scalar else ""
            if tag == _MERGE:
                if merges:
                    raise _duplicate("<<", start)
                merges.append(self._build(self._next()))
                continue
            key = self._key(tag, start)
            if key in mapping:
                raise _duplicate(key, start)
            mapping[key] = self._build(self._next())
        if merges:
            mapping = _merge(merges[0], mapping)
        if event.tag in (None, "!", _MAP):
            return mapping
        if event.tag == f"{_PREFIX}set":
            return set(mapping)
        raise self._not_allowed(event.tag, event)

    def _key(self, tag: str, event: Any) -> Any:
        if tag in (_STR, _VALUE) and event.anchor is None:
            key = self._keys.get(event.value)
            if key is None:
                key = event.value
                if len(self._keys) < _KNOWN_KEYS:
                    self._keys[key] = key
            return key
        key = self._build(event)
        return tuple(key) if isinstance(key, list) else key

    def _not_allowed(self, tag: object, event: Any) -> Exception:
        error: Exception = self._yaml.constructor.ConstructorError(
            None, None, f"the tag {tag!r} is not allowed", event.start_mark
        )
        return error


def _merge(merge: Any, own: dict[Any, Any]) -> dict[Any, Any]:
    """Put merged keys first; the first of several merged mappings wins, own keys over all."""
    sources = merge if isinstance(merge, list) else [merge]
    merged: dict[Any, Any] = {}
    for source in reversed(sources):
        if not isinstance(source, dict):
            raise ValueError("only mappings can be merged with `<<`")
        merged |= source
    return merged | own


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


def _duplicate(key: object, event: Any) -> DuplicateKeyError:
    return DuplicateKeyError(
        f"the key `{key}` occurs twice in one mapping",
        hint="Rename or remove one of them: DVC refuses the file.",
        line=event.start_mark.line + 1,
    )
