"""The remaining work budget while reading one commit, counted in steps, never in seconds.

A step is one turn of a loop whose length the commit controls, some tenth of a microsecond.
Code counts such work before it does it, so that a commit reaches the limit on all machines or none.
"""

from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits


class TooMuchWorkError(InputError):
    """The commit needs more work than its budget: no result for it."""


class WorkBudget:
    """Counts the steps for one commit. `limits` apply to its files."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self.limits = limits
        self.left = limits.work_steps

    def spend(self, steps: int, what: str) -> None:
        """Count steps; `what` names the work.

        Raises `TooMuchWorkError` for more steps than are left. Refused work is not counted, so
        that cheaper work can still be done.
        """
        if steps > self.left:
            raise TooMuchWorkError(
                f"{what} takes more work than one commit may cost: "
                f"{self.limits.work_steps:,} steps are used up",
                hint="Make it simpler, or raise `limits: work-steps` in the base's configuration.",
            )
        self.left -= steps


COMPARING = "comparing what stages depend on with what it was when they were locked"
FILLING = "filling the values of variables into the texts of stages"
IGNORING = "matching paths against the ignore rules"
LISTING = "listing the files of the folders that stages depend on"
PATHS = "following the folders of all paths that stages name"
PARAMS = "looking up the params that stages name"
PARSING = "reading all the files of a commit that hold values"
PIPELINES = "putting together the stages of all pipelines"
RUNS = "putting together the runs of all earlier commits"

# The cost of larger pieces of work in steps, as measured.
VALUE_STEPS = 20
PIPELINE_STEPS = 4_000
RUN_STEPS = 40
TEMPLATE_STEPS = 10_000
