"""The result of compare, status and lint, for the command line and the Action."""

from msgspec import Struct

from lineage_diff.lineage.lineage import Problem
from lineage_diff.report.report import Report

SAME_COMMIT = "HEAD is the merge base, so there is nothing to compare; name a BASE, such as HEAD~1"


class Comparison(Struct, frozen=True):
    """A report, and the problems of the head that are errors by the policy: bad input.

    `trusted` is the commit whose configuration counted, empty if it was none.
    """

    report: Report
    unreadable: tuple[Problem, ...]
    same_commit: bool
    trusted: str = ""
