"""Decide by the lock: was the model fresh when it was made, and did a run write each entry?"""

from collections.abc import Mapping

from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.promotion.answers import ConditionAnswer, broken, listed, met, unknown
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.report.change import StageChange
from lineage_diff.report.reasons import UNKNOWN, Reason
from lineage_diff.rules.wording import code, short_commit, short_id, why_stale


def check_fresh(facts: PromotionFacts) -> ConditionAnswer:
    """Whether the model is fresh at the commit, or was fresh when its stage last ran.

    Later commits may change code or data without a new run: the version stays the one that was
    made from the old ones.
    """
    stage, run = facts.stage, facts.run
    if stage is None:
        return unknown("no stage and no `.dvc` file makes it, so no run is recorded")
    if stage.is_dvcfile and stage.imported is None and not stage.deps:
        return unknown(f"{code(stage.file)} adds it: no run is recorded")
    now = _of(run.now, stage.id)
    if now.freshness == "fresh":
        return met("every input is as its last run recorded it")
    why = _why(run.now, stage.id)
    if run.then is not None and run.commit is not None and run.commit != facts.subject.commit:
        then, made = _of(run.then, stage.id).freshness, short_commit(run.commit)
        if then == "fresh":
            return met(f"it was fresh when it was made, in {made}; {now.freshness} since: {why}")
        why = f"{why}; when it was made, in {made}: {_WORDS[then]}"
    return (broken if now.freshness == "stale" else unknown)(why)


_WORDS = {"stale": "stale", "unknown": "not known"}
_NOT_KNOWN = StageFreshness("unknown")


def _of(found: Mapping[str, StageFreshness], stage: str) -> StageFreshness:
    return found.get(stage, _NOT_KNOWN)


def _why(found: Mapping[str, StageFreshness], stage: str) -> str:
    """Return the reason why a stage is stale or unknown, of the nearest stage that has one."""
    if _of(found, stage).freshness == "stale":
        stages = {
            name: StageChange(name, "", "unchanged", freshness=one.freshness, reasons=one.reasons)
            for name, one in found.items()
            if one.freshness == "stale"
        }
        return why_stale(stages[stage], stages).text
    reasons = [reason for reason in _of(found, stage).reasons if reason.kind in UNKNOWN]
    return _cannot_tell(reasons[0], stage) if reasons else "it is not known"


def _cannot_tell(reason: Reason, stage: str) -> str:
    if reason.kind == "always-changed":
        return f"{code(short_id(stage))} always runs, so no record says whether it is fresh"
    detail = f": {reason.detail}" if reason.detail else ""
    return f"{code(short_id(reason.subject))} cannot be checked{detail}"


def check_lock(facts: PromotionFacts) -> ConditionAnswer:
    """Whether each lock entry, of the model's stage and upstream, is one that a run wrote."""
    splices = facts.state.evidence.splices
    found = [
        f"the merge {short_commit(splices[stage.id].merge or '')} combined the entry of "
        f"{code(short_id(stage.id))}, which no run wrote"
        for stage in facts.stages
        if stage.id in splices
    ]
    if found:
        return broken(*listed(found, "lock entries that no run wrote"))
    if not facts.merges_searched:
        return unknown("the history is cut or too long: some merges could not be searched")
    return met("no merge combined the lock entries of its stages")
