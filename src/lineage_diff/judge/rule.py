"""What a rule is: its name, its words, how it checks, and the two examples that prove it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lineage_diff.compare.change import Change
from lineage_diff.judge.finding import Finding
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity


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
    one, `passes` one that gives none.
    """

    name: str
    severity: Severity
    summary: str
    why: str
    mend: str
    check: Callable[[Context], Iterable[Finding]]
    fails: Example
    passes: Example
