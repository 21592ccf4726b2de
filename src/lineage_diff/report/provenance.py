"""What a report is of, and which program wrote it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Repository:
    """`name` is `owner/name` where it is known."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    """`rev` as the user gave it, `commit` the full id that it stands for."""

    rev: str
    commit: str
