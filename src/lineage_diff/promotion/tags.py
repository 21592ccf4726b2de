"""Decide by the tags of the registry: is the version registered, and was each stage before it?"""

from collections.abc import Iterable, Iterator

from lineage_diff.lineage.registry import RegistryTag
from lineage_diff.promotion.answers import ConditionAnswer, broken, met, not_asked
from lineage_diff.promotion.facts import PromotionFacts
from lineage_diff.rules.wording import code, short_commit
from lineage_diff.text import closest_matches


def tags_before(tags: Iterable[RegistryTag], tag: RegistryTag | None) -> tuple[RegistryTag, ...]:
    """Return the tags that were there when a tag was made; all for `None`.

    Tags of the same second count as earlier, because `gto assign` makes a version and a stage at
    once; except those of the same stage, which their number puts in order.
    """
    return tuple(item for item in tags if tag is None or _is_before(item, tag))


def _is_before(item: RegistryTag, tag: RegistryTag) -> bool:
    if item.name == tag.name or item.time > tag.time:
        return False
    same = item.time == tag.time and tag.stage is not None and item.stage == tag.stage
    return not same or item.number < tag.number


def check_registered(facts: PromotionFacts) -> ConditionAnswer:
    """Whether the commit has a version in the registry that is not withdrawn."""
    subject = facts.subject
    version, name = subject.version, code(subject.artifact)
    if version is None and subject.tag is None:
        return not_asked("no version with a Git tag was named, so the commit is checked")
    if version is None:
        return broken(f"no version of {name} is registered at this commit")
    shown = code(version.version)
    if version.commit != subject.commit:
        return broken(f"{shown} of {name} is registered at commit {short_commit(version.commit)}")
    if not version.active:
        return broken(f"{shown} of {name} is withdrawn: deregistered, or {name} is deprecated")
    return met(f"{shown} by the tag {code(version.tag)}")


def check_order(facts: PromotionFacts) -> ConditionAnswer:
    """Whether the version was in every stage that the configuration puts before this one."""
    stage, order = facts.subject.stage, facts.policy.promotion.stages
    if stage is None:
        return not_asked("no stage was named")
    if not order:
        return not_asked("the configuration has no order of stages")
    if stage not in order:
        near = closest_matches(stage, order)
        hint = f"did you mean {code(near[0])}?" if near else f"it has {', '.join(map(code, order))}"
        return broken(f"{code(stage)} is no stage of the configuration: {hint}")
    before = order[: order.index(stage)]
    if not before:
        return met(f"{code(stage)} is the first stage")
    missing = [name for name in before if not was_in_stage(facts, name)]
    if missing:
        return broken(f"this version was not in {', '.join(map(code, missing))} before")
    return met(" → ".join(map(code, (*before, stage))))


def was_in_stage(facts: PromotionFacts, stage: str) -> bool:
    """Whether the commit was assigned a stage before, and the stage was not withdrawn from it.

    It still counts if another version has the stage now.
    """
    given = sorted(_assignments(facts, stage), key=lambda tag: (tag.time, tag.cancel, tag.number))
    return bool(given) and not given[-1].cancel


def _assignments(facts: PromotionFacts, stage: str) -> Iterator[RegistryTag]:
    for tag in tags_before(facts.tags, facts.subject.tag):
        if tag.stage == stage and tag.commit == facts.subject.commit:
            yield tag
