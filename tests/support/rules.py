"""The rules on the pipeline of their examples, whose evidence every commit has."""

from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.rules import engine
from lineage_diff.rules.examples import EVIDENCE
from lineage_diff.rules.facts import NO_FACTS, RuleFacts
from lineage_diff.rules.rule import Command


def check_rules(
    change: Change,
    base: Lineage,
    head: Lineage,
    policy: Policy,
    command: Command = "compare",
    *,
    base_facts: RuleFacts = NO_FACTS,
    head_facts: RuleFacts = NO_FACTS,
) -> tuple[tuple[Finding, ...], Verdict]:
    """Run the rules, as `engine.check_rules`."""
    before, after = (replace(facts, evidence=EVIDENCE) for facts in (base_facts, head_facts))
    return engine.check_rules(
        change, base, head, policy, command, base_facts=before, head_facts=after
    )
