"""Changed values of metrics and params, in DVC's shape."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict


class ValueChange(TypedDict):
    """One key of a metrics or params file, as `dvc metrics diff --json` writes it."""

    old: Any
    new: Any
    diff: NotRequired[int | float]


ValueChanges = Mapping[str, Mapping[str, ValueChange]]
