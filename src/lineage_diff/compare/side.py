"""One version of a path, in the shape that the report publishes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a path. `hash` is `algorithm:value` as DVC writes it; `size` in bytes."""

    hash: str | None
    size: int | None = None
    nfiles: int | None = None
