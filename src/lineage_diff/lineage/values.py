"""The content of one metrics or params file, as DVC reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ValuesFile:
    """`values` is what DVC shows for the file (a mapping, or a bare number or string).

    `None` with a reason in `unknown` when the commit cannot tell: the file is kept in DVC's
    cache, it does not parse, it is too large. `cached` is true in the first case.
    """

    path: str
    values: Mapping[str, Any] | str | float | int | None
    unknown: str | None = None
    cached: bool = False
