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


class SuppressedFinding(Struct, frozen=True):
    """A finding that a comment in a `dvc.yaml` or an entry of the policy suppresses.

    `severity` is the one that it would have; `reason` is the author's.
    """

    rule: str
    severity: Severity
    subject: str
    by: Literal["comment", "policy"]
    reason: str
    file: str | None = None
    line: int | None = None


class Verdict(Struct, frozen=True):
    """`failure` if there is an error; `neutral` if there is no DVC stage to check.

    `suppressed` are the findings that do not count, in the order of findings.
    """

    conclusion: Literal["success", "failure", "neutral"]
    errors: int
    warnings: int
    suppressed: tuple[SuppressedFinding, ...] = ()
