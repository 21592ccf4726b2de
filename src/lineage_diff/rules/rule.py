"""What a rule is: its name, its words, how it checks, and the two examples that prove it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from msgspec import Struct, field

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
    """All that a rule may look at.

    `tip` is the tip of the base branch, `None` where that is `base` itself. Of a tip that is not
    `tip_is_read` only the configuration is known, and it excuses nothing yet. Facts are what is
    known of a commit besides its lineage.
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
        """The commit whose configuration and comments count: its author is not the change's."""
        return self.base if self.tip is None else self.tip

    @property
    def trusted_facts(self) -> RuleFacts:
        """The facts of the commit that is trusted."""
        return self.base_facts if self.tip is None else self.tip_facts

    def before(self, find: Callable[[Lineage], Iterable[Known]]) -> frozenset[Known]:
        """Return what `find` gives for the base, and for the tip of its branch as well.

        The author of a change chooses the commit that it starts at, so that alone excuses nothing.
        """
        return self.before_by_facts(lambda lineage, _: find(lineage))

    def before_by_facts(
        self, find: Callable[[Lineage, RuleFacts], Iterable[Known]]
    ) -> frozenset[Known]:
        """Return the same of a `find` that is given the facts of each commit as well."""
        known = frozenset(find(self.base, self.base_facts))
        if self.tip and self.tip_is_read:
            known &= frozenset(find(self.tip, self.tip_facts))
        return known


class Example(Struct, frozen=True):
    """A case in words, for the rule's page, and the same case as data."""

    text: str
    context: Context


class Rule(Struct, frozen=True):
    """One rule. `severity` is its default; a finding with a milder one was there before the change.

    `check` yields findings under the rule's own name; `fails` is an example that gives at least
    one, `passes` one that gives none. `runs` names the commands that ask it: a rule that needs no
    base serves `lint`, one that says whether results can be trusted as they stand `status`. `fold`,
    where there is one, makes fewer findings of those that nothing silenced.
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
