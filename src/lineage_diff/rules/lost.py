"""Find stages whose freshness was known in the base and is undecidable after the change.

Three cases count. An input in an unreadable form (a link out of the repository, a file too large
to read), or that nothing keeps any more, is an error: the change chose that. So is a stage whose
inputs were edited and are no longer checked by DVC. If the content of a directory is only in the
cache, or the lock records a run on an unreadable input, it is a warning. Of a stage that was stale,
only errors count. What the base could not check either is no loss; of such a stage only an edit is.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.freshness.content_match import GIT_IGNORES, SAME, UNTRACKED, against_content
from lineage_diff.freshness.stages import ABOVE_UNKNOWN, freshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import Link, value_around
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Dep, Part, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Content, hash_text
from lineage_diff.report.change import Change
from lineage_diff.report.reasons import NOTES, UNKNOWN, Freshness, Reason
from lineage_diff.rules.problem_rule import reported_files
from lineage_diff.rules.rule import Context
from lineage_diff.rules.stages import (
    EMPTY_HASHES,
    CommitOuts,
    InputChanges,
    drops_a_dep,
    gone_above,
    recorded_inputs,
)
from lineage_diff.rules.unwatched import Watched, watched_as_before

# Parts of a stage whose change can stop DVC from checking its inputs.
_BLINDS = frozenset(("deps", "frozen", "outs", "params"))


def may_be_lost(change: Change) -> bool:
    """Whether the change may lose freshness; the full check takes time."""
    if any(model.freshness == "unknown" or model.change == "removed" for model in change.models):
        return True
    return any(
        stage.change in ("added", "removed")
        or stage.freshness == "unknown"
        or _BLINDS & {*stage.changed}
        for stage in change.stages
    )


class Loss(Struct, frozen=True):
    """The reason why the freshness of a stage is no longer decidable.

    `reason` is that of `stage`: the stage itself or one upstream. `effect` is the change to a stage
    on the way, `blind`, that stops DVC from checking it; both are `None` if there is none. With
    `is_gone`, the head has no stage `blind`, only what it made.
    """

    stage: str
    reason: Reason
    severity: Severity
    blind: str | None = None
    effect: str | None = None
    is_gone: bool = False


class LostFreshness:
    """Finds the losses of stages of the head.

    `start` is the commit at which the change began, `None` if that is the context's base.
    """

    def __init__(self, context: Context, start: Lineage | None = None) -> None:
        self._context = context
        self._at_start = {stage.id: stage for stage in (start or context.base).stages}
        self._base_ids = _base_ids(context)
        self._old_stages = {stage.id: stage for stage in context.base.stages}
        self._stages = {stage.id: stage for stage in context.head.stages}
        self._sides = CommitOuts(context.base), CommitOuts(context.head)
        self._reported = reported_files(context)
        self._old = freshness(context.base_state)
        self._before = {stage: self._find_before(stage) for stage in self._stages}
        self._gone = {stage.id: stage for stage in self._left_in_git()}
        self._above = self._gone_above()
        self._watched = self._watch()
        self._stages |= self._gone | self._above
        self._before |= {stage: self._old_stages[stage] for stage in self._gone | self._above}
        watched = CommitState(self._watched.lineage, context.head_facts.evidence)
        self._new = freshness(watched, context.base_state, self._old)
        self._worst: dict[str, Loss | None] = {}

    def loss(self, stage: str) -> Loss | None:
        """Return the worst loss of a stage, `None` if it has none.

        Of a stage that was unknown before, only what surely differs is one.
        """
        before = self.freshness_before(stage)
        loss = self._worst_loss(stage) if before is not None else None
        if before == "unknown":
            return loss if loss is not None and loss.reason.kind not in UNKNOWN else None
        return loss if before == "fresh" or (loss and loss.severity == "error") else None

    def loss_of_heir(self, path: str) -> tuple[Stage, Loss] | None:
        """Return the stage that replaces that of an out of the base, and its loss.

        `None` without one, or if it was stale.

        `path` is that of the base's out, which no stage of the head makes. The stage has an out
        with the same content, or it is the same stage with a new out, or it is a new stage that is
        stale and whose lock records an input in the same version.
        """
        old = self._sides[0].producers.get(path)
        if old is None or (before := self._old[old.id].freshness) == "stale":
            return None
        heir = self._heirs.get(path) or self._remade.get(old.id) or self._replacement(old)
        loss = None if heir is None else self._worst_loss(heir.id)
        if loss is not None and before == "unknown" and loss.reason.kind in UNKNOWN:
            return None
        return None if heir is None or loss is None else (heir, loss)

    @cached_property
    def _heirs(self) -> Mapping[str, Stage]:
        """The head's stages by the paths of gone outs whose hash one of their new outs has."""
        old, new = self._sides
        found = {
            digest: new.producers[path]
            for path, digest in reversed(new.hashes.items())
            if digest is not None and path not in old.hashes
        }
        return {
            path: found[digest]
            for path, digest in old.hashes.items()
            if digest in found and path not in new.hashes
        }

    @cached_property
    def _remade(self) -> Mapping[str, Stage]:
        """The head's stages with a new out, by the ids of the base's stages that they were."""
        made = self._sides[0].producers
        return {
            old.id: self._stages[stage]
            for stage, old in self._before.items()
            if old is not None and any(out.path not in made for out in self._stages[stage].outs)
        }

    def _replacement(self, old: Stage) -> Stage | None:
        """Return a new stale stage whose lock records an input as the base's stage does."""
        found = (self._stale_by_input.get(part) for part in recorded_inputs(old))
        return next((stage for stage in found if stage is not None), None)

    @cached_property
    def _stale_by_input(self) -> Mapping[Part, Stage]:
        """The head's new stale stages that make something, by the inputs in their lock entries."""
        found: dict[Part, Stage] = {}
        for stage in self._stages.values():
            is_new = self._before[stage.id] is None and bool(stage.outs)
            if is_new and self._new[stage.id].freshness == "stale":
                found.update(dict.fromkeys(recorded_inputs(stage), stage))
        return found

    def _worst_loss(self, stage: str) -> Loss | None:
        if stage in self._worst:
            return self._worst[stage]
        # Without recursion: a chain of stages can be longer than Python's stack.
        waiting = [stage]
        while waiting:
            last = waiting[-1]
            self._worst.setdefault(last, None)
            above = [one for one in self._undecided_above(last) if one not in self._worst]
            waiting += above
            if not above:
                self._worst[last] = self._worst_of(last)
                waiting.pop()
        return self._worst[stage]

    def freshness_before(self, stage: str) -> Freshness | None:
        """Return that of the base's stage, `None` without one; it is found by its id or an out."""
        old = self._before.get(stage)
        return None if old is None else self._old[old.id].freshness

    def producer(self, path: str) -> Stage | None:
        """Return the head's stage or `.dvc` file that makes a path or a folder around it.

        If no stage does, and the head keeps what the base's made: that stage, or what it is now.
        """
        made = value_around(path, self._sides[1].producers)
        old = self._sides[0].producers.get(path)
        is_kept = path in self._context.head_facts.kept
        if (made is not None and not is_kept) or old is None or not self._is_left(path, old):
            return made
        return self._gone.get(old.id) or self._successors.get(old.id)

    def _find_before(self, stage: str) -> Stage | None:
        """Return the base's stage of the same id and outs, with an out, or with a moved one."""
        old = self._old_stages.get(self._base_ids.get(stage, stage))
        outs = self._stages[stage].outs
        producers = [self._sides[0].producers.get(out.path) for out in outs]
        if old is not None and (not any(producers) or any(made is old for made in producers)):
            return old
        producers += [self._moved_from.get(hash_text(out.locked)) for out in outs]
        return next((producer for producer in producers if producer is not None), None)

    @cached_property
    def _moved_from(self) -> Mapping[str | None, Stage]:
        """The base's stages by the hashes of their outs that have no stage in the head."""
        old, new = self._sides
        return {
            digest: old.producers[path]
            for path, digest in old.hashes.items()
            if digest is not None and path not in new.hashes and digest not in EMPTY_HASHES
        }

    @cached_property
    def _successors(self) -> Mapping[str, Stage]:
        found = ((old, self._stages[stage]) for stage, old in self._before.items())
        return {old.id: stage for old, stage in found if old is not None}

    def _left_in_git(self) -> Iterator[Stage]:
        """Yield the base's stages that the head has no more, with the outs that Git still holds."""
        for old in self._context.base.stages:
            if old.id in self._successors or old.is_dvcfile or old.is_dataset or old.frozen:
                continue
            outs = tuple(out for out in old.outs if self._is_left(out.path, old))
            if outs:
                yield replace(old, outs=outs)

    def _gone_above(self) -> dict[str, Stage]:
        """Return what is gone, with its outs, above a stage that is gone or drops a dep, by id."""
        both = ((self._stages[stage], old) for stage, old in self._before.items() if old)
        kept = [*self._gone, *(old.id for stage, old in both if drops_a_dep(stage, old))]
        found = gone_above(kept, self._context.base, self._is_gone)
        return {stage: self._old_stages[stage] for stage in found if stage not in self._gone}

    def _is_gone(self, link: Link) -> bool:
        """Whether the head has neither the upstream stage of a link nor what is used of it."""
        made, path = self._old_stages[link.stage], link.dep
        if made.is_dvcfile or made.is_dataset or made.frozen or made.id in self._successors:
            return False
        is_held = path in self._context.head_facts.evidence.contents
        return not (is_held or self._sides[1].keeps(path))

    def _is_left(self, path: str, old: Stage) -> bool:
        """Whether Git holds at a path what a stage of the base made there."""
        before, now = (
            side.evidence.contents.get(path)
            for side in (self._context.base_facts, self._context.head_facts)
        )
        if path in self._sides[1].producers:
            return False
        if path in self._context.head_facts.kept:
            return True
        if now is None:
            return before is not None and before.oid in self._named_models
        locked = next((out.locked for out in old.outs if out.path == path), None)
        is_same = locked is not None and against_content(now, locked) is SAME
        return is_same or (before is not None and before.oid == now.oid)

    @cached_property
    def _named_models(self) -> frozenset[str]:
        """The Git ids of what the head's registry calls a model, and nothing makes."""
        contents, made = self._context.head_facts.evidence.contents, self._sides[1].producers
        models = {item.path for item in self._context.head.artifacts if item.type == "model"}
        return frozenset(contents[path].oid for path in models - made.keys() if path in contents)

    def _watch(self) -> Watched:
        base = {
            stage: old
            for stage, old in self._before.items()
            if old is not None and self._old[old.id].freshness != "stale"
        }
        gone = [old for old in self._gone.values() if self._old[old.id].freshness != "stale"]
        kept = self._context.head_facts.kept
        above = self._above.values()
        return watched_as_before(base, self._context.head_state, gone, kept, above)

    def _undecided_above(self, stage: str) -> Iterator[str]:
        reasons = self._new[stage].reasons if stage in self._new else ()
        return (reason.subject for reason in reasons if _is_from_above(reason))

    def _worst_of(self, stage: str) -> Loss | None:
        """Return the worst of a stage's own losses and of those of the stages upstream."""
        losses = list(self._losses(stage))
        # Of errors, one that surely differs.
        return min(losses, key=lambda x: (x.severity, x.reason.kind in UNKNOWN), default=None)

    def _losses(self, stage: str) -> Iterator[Loss]:
        effect = self._watched.effects.get(stage)
        blind = stage if effect is not None else None
        inputs = self._inputs(stage)
        old = self._before[stage]
        known = {_cause(reason) for reason in self._old[old.id].reasons} if old else set()
        for reason in self._new[stage].reasons if stage in self._new else ():
            if reason.kind in NOTES or reason.kind == "always-changed":
                continue
            if _is_from_above(reason):
                loss = self._worst[reason.subject]
                if loss is not None:
                    yield loss if loss.blind else replace(loss, blind=blind, effect=effect)
                continue
            if reason.kind in UNKNOWN and _cause(reason) in known:
                continue  # No run clears what the base could not check either.
            severity = self._severity(reason, inputs)
            if severity is not None:
                yield Loss(stage, reason, severity, blind, effect, stage in self._gone)

    def _inputs(self, stage: str) -> InputChanges:
        old = self._before[stage]
        return InputChanges(old and self._at_start.get(old.id, old), self._stages[stage])

    def _severity(self, reason: Reason, inputs: InputChanges) -> Severity | None:
        """Return the severity of a reason, `None` if it is not new or another rule reports it."""
        if reason.kind == "spliced":
            return None  # `spliced-lock` reports it.
        if reason.kind not in UNKNOWN:
            return "error"
        if self._reported.intersection((reason.file, reason.subject)) or self._is_reported(reason):
            return None
        if reason.kind in ("unreadable", "skipped"):
            return "error"
        path = reason.subject
        if reason.detail in UNTRACKED and self._was_tracked(path):
            return "error"
        if inputs.is_renewed(path):
            return "warning"
        values = self._watched.lineage.params.get(path)
        if path in inputs.params and values is not None and not values.cached:
            return "warning" if self._was_converted(values) else "error"
        is_ignored = reason.detail == GIT_IGNORES and reason.kind == "out-unknown"
        if inputs.is_newly_absolute(path) or is_ignored:
            return "error"
        dep = inputs.deps.get(path) or Dep(path, path)
        if self._is_as_before(dep):
            return None
        return "warning" if self._is_cached(dep) else "error"

    def _was_tracked(self, path: str) -> bool:
        """Whether Git or DVC kept in the base what is at a path."""
        return path in self._context.base_facts.evidence.contents or self._sides[0].keeps(path)

    def _was_converted(self, values: ValuesFile) -> bool:
        """Whether Git converted a params file in the base as it does in the head."""
        old = self._context.base.params.get(values.path)
        return values.converted and old is not None and old.unknown == values.unknown

    def _is_reported(self, reason: Reason) -> bool:
        """Whether a dep may come from a broken pipeline that another rule reports."""
        path, held = reason.subject, self._context.head_facts.evidence.contents
        known = path in held or self._sides[1].around(path)
        return not known and bool(self._reported.intersection(self._context.head.unreadable))

    def _contents(self, dep: Dep) -> tuple[Content | None, Content | None]:
        """Return what Git holds at a path in both commits; a link to an out holds nothing."""
        sides = self._context.base_facts, self._context.head_facts
        old, new = (side.evidence.contents.get(dep.path) for side in sides)
        if dep.target is None or new is None or new.kind != "symlink":
            return old, new
        return None if old is not None and old.kind == "symlink" else old, None

    def _is_as_before(self, dep: Dep) -> bool:
        """Whether both commits hold the same at a path, and in the same form.

        That is the same in Git, unless it is unknown for another reason, and outs by their hashes.
        """
        old, new = self._contents(dep)
        same = (old and (old.oid, old.unknown)) == (new and (new.oid, new.unknown))
        paths = dep.reached, *dep.inner_targets
        before, after = ([side.around(path) for path in paths] for side in self._sides)
        return same and before == after and (any(before) or new is not None)

    def _is_cached(self, dep: Dep) -> bool:
        """Whether what is there is only in DVC's cache, or beside Git, and was so in the base."""
        old, new = self._contents(dep)
        if new is None:
            before, after = (side.around(dep.reached) for side in self._sides)
            # The change chose to record no version, as an import without a download does.
            is_dropped = any(after.get(path, "") is None for path, hash_ in before.items() if hash_)
            is_dropped |= self._sides[0].tells_less(dep.reached, self._sides[1])
            return old is None and bool(before and after) and not is_dropped
        if new.kind not in ("directory", "in-submodule"):
            return False
        return new.unknown is None or (old is not None and old.unknown == new.unknown)


def _cause(reason: Reason) -> tuple[str, str, str | None]:
    return reason.kind, reason.subject, reason.detail


def _is_from_above(reason: Reason) -> bool:
    return reason.kind == "outdated-by" or reason.detail == ABOVE_UNKNOWN


def _base_ids(context: Context) -> Mapping[str, str]:
    """Return the base ids of renamed stages, by their ids at the head."""
    return {s.name: s.renamed_from for s in context.change.stages if s.renamed_from is not None}
