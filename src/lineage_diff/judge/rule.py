"""What a rule is: its name, its words, how it checks, and the two examples that prove it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lineage_diff.compare.change import Change
from lineage_diff.judge.finding import Finding
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity

Command = Literal["compare", "status", "lint"]
COMPARE: frozenset[Command] = frozenset(("compare",))
FRESHNESS: frozenset[Command] = frozenset(("compare", "status"))
ONE_COMMIT: frozenset[Command] = frozenset(("compare", "lint"))
EVERYWHERE: frozenset[Command] = frozenset(("compare", "status", "lint"))


@dataclass(frozen=True, slots=True)
class Context:
    """All that a rule may look at."""

    change: Change
    base: Lineage
    head: Lineage
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Example:
    """A case in words, for the rule's page, and the same case as data."""

    text: str
    context: Context


@dataclass(frozen=True, slots=True)
class Rule:
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
    mend: str
    check: Callable[[Context], Iterable[Finding]]
    fails: Example
    passes: Example
    runs: frozenset[Command] = COMPARE
    fold: Callable[[Sequence[Finding]], Iterable[Finding]] | None = None
