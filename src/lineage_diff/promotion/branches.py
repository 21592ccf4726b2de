"""Decide by the branches: is the commit on one that may promote?"""

from fnmatch import fnmatchcase

from lineage_diff.promotion.answers import ConditionAnswer, broken, met, unknown
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.rules.wording import code
from lineage_diff.text import join_some

_SOME = 3


def check_branch(facts: PromotionFacts) -> ConditionAnswer:
    """Whether a branch that may promote holds the commit."""
    branches, subject = facts.branches, facts.subject
    globs = facts.policy.promotion.branches_for(subject.stage)
    wanted = (branches.default,) if globs is None else globs
    names = " or ".join(map(code, wanted))
    holding = [name for name in branches.holding if _matches(name, wanted)]
    if holding:
        return met(f"on {join_some([code(name) for name in holding], _SOME)}")
    if not any(_matches(name, wanted) for name in branches.known):
        return unknown(f"this clone has no branch {names}")
    if not branches.complete:
        return unknown(f"the history of {names} is cut in this clone")
    others = [code(name) for name in branches.holding]
    where = f"only on {join_some(others, _SOME)}" if others else "on no branch"
    return broken(f"not on {names}: the commit is {where}")


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
