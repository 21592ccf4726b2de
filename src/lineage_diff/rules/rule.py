"""The definition of a rule: its name, texts, check, and two examples that test it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from msgspec import Struct, field

from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.facts import NO_FACTS, RuleFacts

Command = Literal["compare", "status", "lint"]
COMPARE: frozenset[Command] = frozenset(("compare",))
FRESHNESS: frozenset[Command] = frozenset(("compare", "status"))
ONE_COMMIT: frozenset[Command] = frozenset(("compare", "lint"))
EVERYWHERE: frozenset[Command] = frozenset(("compare", "status", "lint"))
Known = TypeVar("Known")


class Context(Struct, frozen=True):
    """The input of a rule's check.

    `tip` is the tip of the base branch, `None` if that is `base` itself. Unless `tip_is_read`,
    only the configuration of the tip is known, and it excuses nothing. Facts are those of a commit
    besides its lineage.
    """

    change: Change
    base: Lineage
    head: Lineage
    policy: Policy = field(default_factory=Policy)
    base_facts: RuleFacts = NO_FACTS
    head_facts: RuleFacts = NO_FACTS
    tip: Lineage | None = None
    tip_facts: RuleFacts = NO_FACTS
    tip_is_read: bool = False

    @property
    def trusted(self) -> Lineage:
        """The commit whose configuration and comments apply: the change cannot edit it."""
        return self.base if self.tip is None else self.tip

    @property
    def trusted_facts(self) -> RuleFacts:
        """The facts of the trusted commit."""
        return self.base_facts if self.tip is None else self.tip_facts

    @property
    def base_state(self) -> CommitState:
        """The base with its evidence."""
        return CommitState(self.base, self.base_facts.evidence)

    @property
    def head_state(self) -> CommitState:
        """The head with its evidence."""
        return CommitState(self.head, self.head_facts.evidence)

    def before(self, find: Callable[[Lineage], Iterable[Known]]) -> frozenset[Known]:
        """Return the items that `find` returns for the base and for the tip of its branch, too.

        The author of a change chooses its merge base, so that commit alone excuses nothing.
        """
        return self.before_by_facts(lambda lineage, _: find(lineage))

    def before_by_facts(
        self, find: Callable[[Lineage, RuleFacts], Iterable[Known]]
    ) -> frozenset[Known]:
        """Like `before`, for a `find` that also takes the facts of each commit."""
        known = frozenset(find(self.base, self.base_facts))
        if self.tip and self.tip_is_read:
            known &= frozenset(find(self.tip, self.tip_facts))
        return known


class Example(Struct, frozen=True):
    """An example: a text for the rule's page, and the same case as data."""

    text: str
    context: Context


class Rule(Struct, frozen=True, kw_only=True):
    """One rule. `severity` is the default.

    `existing` is the default severity of findings that were there before the change: `None` for the
    same, `off` if they are not reported; `in_status` is that of `status`, if it is another.
    `check` yields findings under the rule's own name; `fails` is an example with at least one
    finding, `passes` one with none. `runs` names the commands that run it: `lint` runs rules that
    need no base, `status` those on whether results can be trusted. `fold`, if set, merges findings
    after suppression. `by_comment`: whether a comment in a `dvc.yaml` can suppress a finding.
    """

    name: str
    severity: Severity
    summary: str
    why: str
    hint: str
    check: Callable[[Context], Iterable[Finding]]
    fails: Example
    passes: Example
    runs: frozenset[Command] = COMPARE
    fold: Callable[[Sequence[Finding]], Iterable[Finding]] | None = None
    existing: Severity | Literal["off"] | None = None
    in_status: Severity | None = None
    by_comment: bool = True

    @property
    def severities(self) -> dict[str, str | None]:
        """The default severity by command, and of what was there `before`; `None`: no finding."""
        before = "off" if self.runs == COMPARE else self.existing or self.severity
        return {
            "compare": self.severity if "compare" in self.runs else None,
            "before": None if before == "off" else before,
            "status": (self.in_status or self.severity) if "status" in self.runs else None,
            "lint": self.severity if "lint" in self.runs else None,
        }
