"""Read the `meta` of an artifact, a free mapping, as JSON."""

import json
from math import isfinite
from typing import Any, Final

# Values and hundreds of characters. An alias of YAML may repeat a large value many times.
_MOST: Final = 10_000
_DEEPEST: Final = 20
TOO_LARGE: Final = json.dumps("too large to be read")


class _OverLimitError(Exception):
    pass


def meta_json(value: Any) -> str | None:
    """Return a value as JSON with sorted keys; `None` for none, `TOO_LARGE` past the limit.

    A key, and a value that JSON does not have, such as a date, becomes text.
    """
    if value is None:
        return None
    try:
        plain = _Copy().of(value, _DEEPEST)
    except _OverLimitError:
        return TOO_LARGE
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


class _Copy:
    """Copies a value of YAML within the limit."""

    def __init__(self) -> None:
        self._left = _MOST

    def of(self, value: Any, depth: int) -> Any:
        self._count(1)
        if not depth:
            raise _OverLimitError
        if isinstance(value, dict):
            return {self._text(key): self.of(item, depth - 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.of(item, depth - 1) for item in value]
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float) and isfinite(value):
            return value
        return self._text(value)

    def _text(self, value: Any) -> str:
        text = str(value)
        self._count(len(text) // 100)
        return text

    def _count(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise _OverLimitError
