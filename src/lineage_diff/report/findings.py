"""Findings and the verdict: what a judge says of a change."""

from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.policy import Severity


class Finding(Struct, frozen=True):
    """One thing that a rule found. `line` counts from 1."""

    rule: str
    severity: Severity
    subject: str
    message: str
    hint: str
    file: str | None = None
    line: int | None = None


class Verdict(Struct, frozen=True):
    """`failure` when there is an error; `neutral` when nothing of DVC is there to judge."""

    conclusion: Literal["success", "failure", "neutral"]
    errors: int
    warnings: int
