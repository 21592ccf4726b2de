"""Decide by the ignore comments: is nothing silenced that the configuration does not allow?"""

from collections.abc import Iterator

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.promotion.answers import ConditionAnswer, broken, listed, met, unknown
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.rules.wording import code


def check_silence(facts: PromotionFacts) -> ConditionAnswer:
    """Whether each ignore comment at the model's stages is one that the configuration allows.

    Entries of `silence` in the configuration are of the default branch, and so allowed.
    """
    if facts.comments is None:
        return unknown("the ignore comments cannot be read")
    allowed = facts.policy.promotion.silenced
    found = [
        f"{code(f'{comment.file}:{comment.line}')} silences {code(rule)}: {comment.reason}"
        for comment in _comments(facts)
        for rule in comment.rules
        if rule not in allowed
    ]
    if found:
        return broken(*listed(found, "ignore comments that the configuration does not allow"))
    return met("no ignore comment at its stages, except allowed ones")


def _comments(facts: PromotionFacts) -> Iterator[IgnoreComment]:
    """Yield the comments with a reason, except those at stages that the model does not need."""
    starts: dict[str, dict[int, bool]] = {}
    needed = {stage.id for stage in facts.stages}
    for stage in facts.state.lineage.stages:
        if stage.line is not None:
            lines = starts.setdefault(stage.file, {})
            lines[stage.line] = lines.get(stage.line, False) or stage.id in needed
    for comment in facts.comments or ():
        lines = starts.get(comment.file, {})
        before = [line for line in lines if line <= comment.line]
        at_needed = not before or lines[max(before)]
        in_needed_file = any(lines.values())
        if comment.reason and in_needed_file and at_needed:
            yield comment
