"""Reasons of which the tables hold the kind and the subject alone, in words."""

from typing import get_args

from lineage_diff.render.organization.text import organization_markdown, organization_terminal
from lineage_diff.report.organization.answers import ModelNow
from lineage_diff.report.organization.report import OrganizationReport, StoreState
from lineage_diff.report.reasons import ReasonKind
from lineage_diff.report.report import Tool

WORDS = {
    "dep-changed": "dep x changed since the last run",
    "upstream-changed": "dep x changed since the last run",
    "out-changed": "out x changed since the last run",
    "param-changed": "param x changed since the last run",
    "outdated-by": "outdated by x",
    "spliced": "no run wrote its lock entry: a merge combined its parents' entries",
}


def _report(kind: ReasonKind) -> OrganizationReport:
    model = ModelNow("r", "m.pkl", None, None, None, "s", "stale", ((kind, "x"),), None, (), (), ())
    return OrganizationReport(
        tool=Tool("lineage-diff", "1"),
        store=StoreState("tables", 1, None, None, 1),
        question="stale",
        models=(model,),
    )


def test_every_kind_has_words() -> None:
    for kind in get_args(ReasonKind):
        lines = organization_terminal(_report(kind), color=False, width=200).splitlines()
        words = lines[lines.index(next(line for line in lines if "m.pkl" in line)) + 1].strip()
        assert words == WORDS.get(kind, words)
        assert kind not in words
        assert kind not in organization_markdown(_report(kind))
