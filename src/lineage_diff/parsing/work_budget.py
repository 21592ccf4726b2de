"""What is left, while one commit is read, of the work that it may cost: steps, never seconds.

A step is one turn of a loop over something that the commit chose, some tenth of a microsecond.
Whoever does such work counts it first, so that the same commit meets the bound on every machine.
"""

from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits


class TooMuchWorkError(InputError):
    """The commit costs more work than one may: nothing can be said of it."""


class WorkBudget:
    """Counts the steps that one commit costs. `limits` are those that hold for its files."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self.limits = limits
        self.left = limits.work_steps

    def spend(self, steps: int, what: str) -> None:
        """Count steps; `what` names the work.

        Raises `TooMuchWorkError` for more than are left. What is refused is not counted: what
        costs less is still done.
        """
        if steps > self.left:
            raise TooMuchWorkError(
                f"{what} takes more work than one commit may cost: "
                f"{self.limits.work_steps:,} steps are used up",
                hint="Make it simpler, or raise `limits: work-steps` in the base's configuration.",
            )
        self.left -= steps


IGNORING = "matching paths against the ignore rules"
LISTING = "listing the files of the folders that stages depend on"
PATHS = "following the folders of all paths that stages name"
PARAMS = "looking up the params that stages name"
PARSING = "reading all the files of a commit that hold values"
PIPELINES = "putting together the stages of all pipelines"

# What the larger pieces of work cost, measured against a step.
VALUE_STEPS = 20
PIPELINE_STEPS = 4_000
TEMPLATE_STEPS = 10_000
