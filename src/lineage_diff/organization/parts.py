"""The writes of a part, and what an index adds to them."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

from msgspec import Struct
from msgspec.json import encode

from lineage_diff.organization.tables.schema import PartKind, Row

MOST_GENERATIONS = 30
"""Writes of the history of one part; then they are merged into one. Each has files of its own."""

Step = Literal["same", "new", "whole"]


class Generation(Struct, frozen=True):
    """A visible write of a part; the fields are those of the table `generations`."""

    generation: str
    kind: PartKind
    head: str
    base: str | None
    runs: int
    settings: str
    schema_version: int
    tool_version: str
    written: datetime

    @property
    def row(self) -> Row:
        """The row of the table `generations`."""
        return (
            self.kind,
            self.head,
            self.base,
            self.runs,
            self.settings,
            self.schema_version,
            self.tool_version,
            self.written,
        )


class StoredGenerations(Struct, frozen=True):
    """The visible writes of a part: those of its history, and that of its head."""

    history: tuple[Generation, ...] = ()
    head: Generation | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all."""
        found = {item.generation for item in self.history}
        return frozenset(found | ({self.head.generation} if self.head is not None else set()))

    @property
    def settings(self) -> str | None:
        """The digest of what its history depends on; `None` without any."""
        return self.history[-1].settings if self.history else None


def stored_generations(items: Sequence[Generation]) -> StoredGenerations:
    """Return the writes in the order of the history."""
    by_base = {item.base: item for item in items if item.kind == "history"}
    ordered: list[Generation] = []
    at: str | None = None
    while at in by_base:
        ordered.append(by_base.pop(at))
        at = ordered[-1].head
    head = next((item for item in items if item.kind == "head"), None)
    # Writes that do not follow each other are of no use.
    return StoredGenerations(tuple(ordered) if not by_base else (), head)


def digest_of(*values: object) -> str:
    """Return the SHA-256 of values that JSON can hold."""
    return sha256(encode(values)).hexdigest()
