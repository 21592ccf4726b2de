"""The remaining work budget while reading one commit, counted in steps, never in seconds.

A step is one turn of a loop whose length the commit controls, some tenth of a microsecond.
Code counts such work before it does it, so that a commit reaches the limit on all machines or none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits

T = TypeVar("T")


class TooMuchWorkError(InputError):
    """The commit needs more work than its budget: no result for it."""


class TooMuchHistoryError(TooMuchWorkError):
    """The commits of a history together need more work than their budget."""


class WorkBudget:
    """Counts the steps for one commit. `limits` apply to its files.

    With a `history`, each step counts there, too.
    """

    def __init__(self, limits: Limits = USUAL, history: "HistoryWork | None" = None) -> None:
        self.limits = limits
        self.left = limits.work_steps
        self._history = history

    def spend(self, steps: int, what: str) -> None:
        """Count steps; `what` names the work.

        Raises `TooMuchWorkError` for more steps than are left. Refused work is not counted, so
        that cheaper work can still be done.
        """
        if steps > self.left:
            raise TooMuchWorkError(
                _too_much(what, "one commit", self.limits.work_steps), hint=_SIMPLER
            )
        if self._history is not None:
            self._history.spend(steps, what)
        self.left -= steps

    @contextmanager
    def keep_some(self) -> Iterator[None]:
        """Leave a part of the budget to what follows: without this work, a commit has an answer."""
        kept = min(self.left, self.limits.work_steps // _KEPT)
        self.left -= kept
        try:
            yield
        finally:
            self.left += kept


class LastTexts(Generic[T]):
    """What the last texts gave, at most `most` of them; the one used longest ago goes first.

    A copy of one is not read again, and counts as much work again.
    """

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._kept: dict[str, tuple[T, int]] = {}

    def known(self, text: str, work: WorkBudget) -> T | None:
        """Return what the text gave if it is one of the last. Raises `TooMuchWorkError`."""
        kept = self._kept.pop(text, None)
        if kept is None:
            return None
        self._kept[text] = kept
        work.spend(kept[1], PARSING)
        return kept[0]

    def keep(self, text: str, value: T, steps: int) -> None:
        """Remember what a text gave, and the steps to read it."""
        if len(self._kept) == self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[text] = value, steps


class HistoryWork(WorkBudget):
    """Counts the steps for the texts of all commits of a history together.

    It has some times the steps of one commit: a long history has many texts.
    """

    def __init__(self, limits: Limits = USUAL) -> None:
        super().__init__(limits)
        self.left = HISTORY_TIMES * limits.work_steps

    def commit(self) -> WorkBudget:
        """Return the budget of one commit, within this one."""
        return WorkBudget(self.limits, self)

    def spend(self, steps: int, what: str) -> None:
        """Count steps as for a commit. Raises `TooMuchHistoryError`."""
        if steps > self.left:
            most = HISTORY_TIMES * self.limits.work_steps
            raise TooMuchHistoryError(
                _too_much(what, "all commits of a history together", most), hint=_SIMPLER
            )
        self.left -= steps


def _too_much(what: str, where: str, steps: int) -> str:
    return f"{what} takes more work than {where} may cost: {steps:,} steps are used up"


_SIMPLER = "Make it simpler, or raise `limits: work-steps` in the base's configuration."


COMPARING = "comparing what stages depend on with what it was when they were locked"
FILLING = "filling the values of variables into the texts of stages"
IGNORING = "matching paths against the ignore rules"
LISTING = "listing the files of the folders that stages depend on"
PATHS = "following the folders of all paths that stages name"
PARAMS = "looking up the params that stages name"
PARSING = "reading all the files of a commit that hold values"
PIPELINES = "putting together the stages of all pipelines"
PROJECTS = "reading the settings of all DVC projects"
RUNS = "putting together the runs of all earlier commits"

# The cost of larger pieces of work in steps, as measured.
VALUE_STEPS = 20
# A value of a usual `.dvc` file, which is read at once.
USUAL_VALUE_STEPS = 5
# What a YAML parser takes longer than the reader of usual texts: for each text, and each value.
PARSER_STEPS = 300
PARSER_VALUE_STEPS = 20
DVC_FILE_STEPS = 400
PIPELINE_STEPS = 4_000
PROJECT_STEPS = 4_000
RUN_STEPS = 40
TEMPLATE_STEPS = 10_000
REFERENCE_STEPS = 100
EXPRESSION_STEPS = 700

# The part of a budget, one in so many, that is not spent on values.
_KEPT = 16

# The work on the texts of a whole history, in budgets of one commit: half a minute.
HISTORY_TIMES = 4
