"""Findings of the rules, and the verdict on a change."""

from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.policy import Severity


class Finding(Struct, frozen=True):
    """One finding of a rule. `line` counts from 1."""

    rule: str
    severity: Severity
    subject: str
    message: str
    hint: str
    file: str | None = None
    line: int | None = None


class Verdict(Struct, frozen=True):
    """`failure` if there is an error; `neutral` if there is no DVC stage to check."""

    conclusion: Literal["success", "failure", "neutral"]
    errors: int
    warnings: int
