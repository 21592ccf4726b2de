"""What compare, status and lint hand on to the command line and the Action."""

from collections.abc import Callable

from msgspec import Struct

from lineage_diff.lineage.lineage import Problem
from lineage_diff.report.report import Report

Step = Callable[[str], None]
"""Called with the name of each step as it begins."""


class Comparison(Struct, frozen=True):
    """A report, and the head's problems that the policy holds for errors: bad input."""

    report: Report
    unreadable: tuple[Problem, ...]
    same_commit: bool
