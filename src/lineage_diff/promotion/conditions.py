"""The conditions of a promotion, and the verdict: one line each, and one answer for all."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.policy import ConditionName, Requirement
from lineage_diff.promotion.answers import MOST_DETAILS, ConditionAnswer, not_asked
from lineage_diff.promotion.branches import check_branch
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.promotion.inputs import check_inputs
from lineage_diff.promotion.metrics import check_limits, check_regression
from lineage_diff.promotion.runs import check_fresh, check_lock
from lineage_diff.promotion.suppressions import check_silence
from lineage_diff.promotion.tags import check_order, check_registered
from lineage_diff.report.promotion import ConditionResult, ConditionState


class Condition(Struct, frozen=True):
    """One condition: its name in the configuration, its title, and its check."""

    name: ConditionName
    title: str
    check: Callable[[PromotionFacts], ConditionAnswer]


CONDITIONS = (
    Condition("registered", "Registered version", check_registered),
    Condition("fresh", "Fresh when it was made", check_fresh),
    Condition("inputs", "Inputs in Git or DVC", check_inputs),
    Condition("lock", "Lock entries written by runs", check_lock),
    Condition("branch", "On a branch that may promote", check_branch),
    Condition("order", "Stages in order", check_order),
    Condition("limits", "Metrics within their limits", check_limits),
    Condition("regression", "Not worse than in use", check_regression),
    Condition("silence", "Nothing silenced", check_silence),
)


def check_conditions(facts: PromotionFacts) -> tuple[ConditionResult, ...]:
    """Return the answer of each condition, in the order of the table."""
    return tuple(_checked(condition, facts) for condition in CONDITIONS)


def _checked(condition: Condition, facts: PromotionFacts) -> ConditionResult:
    requirement = facts.policy.promotion.requirement(condition.name, facts.subject.stage)
    if requirement == "off":
        answer = not_asked("off in the configuration")
    else:
        answer = condition.check(facts)
    return ConditionResult(
        condition.name,
        condition.title,
        requirement,
        answer.state,
        is_passed(answer.state, requirement),
        answer.line,
        answer.details[:MOST_DETAILS],
        max(0, len(answer.details) - MOST_DETAILS),
    )


def is_passed(state: ConditionState, requirement: Requirement) -> bool:
    """Whether a condition lets the version pass. What is not known does not, unless allowed."""
    match state:
        case "met" | "not-asked":
            return True
        case "unknown":
            return requirement == "unless-unknown"
    return False


def conclusion(results: tuple[ConditionResult, ...]) -> Literal["success", "failure"]:
    """Return the verdict."""
    return "success" if all(result.passed for result in results) else "failure"
