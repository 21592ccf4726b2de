"""The remaining work budget while reading one commit, counted in steps, never in seconds.

A step is one turn of a loop whose length the commit controls, some tenth of a microsecond.
Code counts such work before it does it, so that a commit reaches the limit on all machines or none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
            raise self._too_much(what)
        self.left -= steps

    @contextmanager
    def keep_some(self) -> Iterator[None]:
        """Leave a part of the budget to the rest: a commit has an answer without this work."""
        kept = min(self.left, self.limits.work_steps // _KEPT)
        self.left -= kept
        try:
            yield
        finally:
            self.left += kept

    def _too_much(self, what: str) -> TooMuchWorkError:
        return _too_much(what, "one commit", self.limits.work_steps)


class HistoryWork:
    """The remaining work on the texts of all commits of a history: each commit has its own budget.

    It is some times that of one commit: a long history has many texts.
    """

    def __init__(self, limits: Limits = USUAL) -> None:
        self._limits = limits
        self._left = HISTORY_TIMES * limits.work_steps
        self._refused: TooMuchWorkError | None = None

    @contextmanager
    def commit(self) -> Iterator[WorkBudget]:
        """Give the budget of one commit, and count what is spent of it."""
        if self._left < self._limits.work_steps:
            work: WorkBudget = _Rest(self._limits, self._left)
        else:
            work = WorkBudget(self._limits)
        begin = work.left
        try:
            yield work
        except TooMuchWorkError as error:
            if isinstance(work, _Rest):
                self._refused = error
            raise
        finally:
            self._left -= begin - work.left

    def check(self) -> None:
        """Raise `TooMuchWorkError` if a text was refused for what others before it took."""
        if self._refused is not None:
            raise self._refused


class _Rest(WorkBudget):
    """The budget of a commit for which a history has less left than a commit may cost."""

    def __init__(self, limits: Limits, left: int) -> None:
        super().__init__(limits)
        self.left = left

    def _too_much(self, what: str) -> TooMuchWorkError:
        steps = HISTORY_TIMES * self.limits.work_steps
        return _too_much(what, "all commits of a history together", steps)


def _too_much(what: str, where: str, steps: int) -> TooMuchWorkError:
    return TooMuchWorkError(
        f"{what} takes more work than {where} may cost: {steps:,} steps are used up",
        hint="Make it simpler, or raise `limits: work-steps` in the base's configuration.",
    )


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

# The part of a budget, one in so many, that is not spent on values.
_KEPT = 16

# The work on the texts of a whole history, in budgets of one commit: half a minute.
HISTORY_TIMES = 4
