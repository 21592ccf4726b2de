"""Findings of the rules, and the verdict on a change."""

from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.policy import Severity


class RelatedLine(Struct, frozen=True):
    """Another line with a part of a finding, such as a further param. `line` counts from 1."""

    file: str
    line: int
    message: str


class Finding(Struct, frozen=True):
    """One finding of a rule. `line` counts from 1; `related` are further lines, with their part."""

    rule: str
    severity: Severity
    subject: str
    message: str
    hint: str
    file: str | None = None
    line: int | None = None
    related: tuple[RelatedLine, ...] = ()


class Verdict(Struct, frozen=True):
    """`failure` if there is an error; `neutral` if there is no DVC stage to check."""

    conclusion: Literal["success", "failure", "neutral"]
    errors: int
    warnings: int
