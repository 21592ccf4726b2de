"""Find stages whose freshness was fresh in the base and is undecidable after the change.

Three cases count. An input in an unreadable form (a link out of the repository, a file too large
to read) is an error: the change chose the form. So is a stage whose inputs were edited and are no
longer checked by DVC. If the content of a directory is only in the cache, or the lock records a
run on an unreadable input, it is a warning: the change may be correct.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from lineage_diff.freshness.stages import ABOVE_UNKNOWN, freshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Content, Version, same_version
from lineage_diff.report.change import Change
from lineage_diff.report.reasons import NOTES, UNKNOWN, Reason
from lineage_diff.rules.rule import Context
from lineage_diff.rules.unwatched import Watched, watched_as_before

# Rules that already report an error: their findings are not repeated here.
_REPORTING_RULES = frozenset(
    (
        "duplicate-key",
        "invalid-pipeline",
        "lock-conflict",
        "missing-object",
        "newer-lock",
        "unresolved-variable",
    )
)


# Parts of a stage whose change can stop DVC from checking its inputs.
_BLINDS = frozenset(("deps", "frozen", "params"))


def may_be_lost(change: Change) -> bool:
    """Whether the change may lose freshness; the full check takes time."""
    if any(model.freshness == "unknown" or model.change == "removed" for model in change.models):
        return True
    return any(
        stage.change == "added" or stage.freshness == "unknown" or _BLINDS & {*stage.changed}
        for stage in change.stages
    )


class Loss(Struct, frozen=True):
    """The reason why the freshness of a stage is no longer decidable.

    `reason` is that of `stage`: the stage itself or one upstream. `effect` is the change to a stage
    on the way, `blind`, that stops DVC from checking it; both are `None` if there is none.
    """

    stage: str
    reason: Reason
    severity: Severity
    blind: str | None = None
    effect: str | None = None


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
        self._sides = _Outs(context.base), _Outs(context.head)
        self._reported = _reported_files(context)
        self._old = freshness(context.base_state)
        self._watched = self._watch()
        watched = CommitState(self._watched.lineage, context.head_facts.evidence)
        self._new = freshness(watched, context.base_state, self._old)

    def loss(self, stage: str) -> Loss | None:
        """Return the worst loss of a stage, `None` if it has none or was not fresh before."""
        if stage not in self._stages or not self.was_fresh(stage):
            return None
        losses = list(self._losses(stage, set(), None))
        return min(losses, key=lambda item: item.severity, default=None)

    def was_fresh(self, stage: str) -> bool:
        """Whether the base's stage was fresh; it is found by its id or by an out."""
        old = self._before(stage)
        return old is not None and self._old[old.id].freshness == "fresh"

    def maker(self, path: str) -> Stage | None:
        """Return the head's stage or `.dvc` file that makes a path or a folder around it."""
        makers = self._sides[1].makers
        return next((makers[one] for one in (path, *ancestors(path)) if one in makers), None)

    def _before(self, stage: str) -> Stage | None:
        old = self._old_stages.get(self._base_ids.get(stage, stage))
        if old is None and stage in self._stages:
            makers = (self._sides[0].makers.get(out.path) for out in self._stages[stage].outs)
            old = next((maker for maker in makers if maker is not None), None)
        return old

    def _watch(self) -> Watched:
        before = {stage: self._before(stage) for stage in self._stages}
        base = {
            stage: old
            for stage, old in before.items()
            if old is not None and self._old[old.id].freshness == "fresh"
        }
        return watched_as_before(base, self._context.head_state)

    def _losses(self, stage: str, seen: set[str], blind: str | None) -> Iterator[Loss]:
        """Yield the losses of a stage and of those upstream that make it undecidable."""
        if stage in seen:
            return
        seen.add(stage)
        blind = stage if stage in self._watched.effects else blind
        for reason in self._new[stage].reasons:
            if reason.kind in NOTES or reason.kind == "always-changed":
                continue
            if reason.kind == "outdated-by" or reason.detail == ABOVE_UNKNOWN:
                yield from self._losses(reason.subject, seen, blind)
                continue
            severity = self._severity(reason, stage)
            if severity is not None:
                effect = self._watched.effects[blind] if blind is not None else None
                yield Loss(stage, reason, severity, blind, effect)

    def _severity(self, reason: Reason, name: str) -> Severity | None:
        """Return the severity of a reason, `None` if it is not new or another rule reports it."""
        if reason.kind == "spliced":
            # `spliced-lock` reports it.
            return None
        if reason.kind not in UNKNOWN:
            return "error"
        if self._reported.intersection((reason.file, reason.subject)) or self._is_reported(reason):
            return None
        if reason.kind in ("unreadable", "skipped"):
            return "error"
        old, new = self._before(name), self._stages[name]
        if old is None or _is_renewed(reason.subject, self._at_start.get(old.id, old), new):
            return "warning"
        path = reason.subject
        values = self._context.head.params.get(path)
        taken = path in {param.path for param in new.params}
        if taken and values is not None and not values.cached:
            return "error"
        dep = next((dep for dep in new.deps if dep.path == path), Dep(path, path))
        if self._is_as_before(dep):
            return None
        return "warning" if self._is_cached(dep, reason) else "error"

    def _is_reported(self, reason: Reason) -> bool:
        """Whether a dep may come from a broken pipeline that another rule reports."""
        head = self._context.head
        known = reason.subject in self._context.head_facts.evidence.contents or self._sides[
            1
        ].around(reason.subject)
        return not known and bool(self._reported.intersection(head.unreadable))

    def _contents(self, dep: Dep) -> tuple[Content | None, Content | None]:
        """Return what Git holds at a path in both commits; a link to an out holds nothing."""
        sides = self._context.base_facts, self._context.head_facts
        old, new = (side.evidence.contents.get(dep.path) for side in sides)
        if dep.target is None or new is None or new.kind != "symlink":
            return old, new
        return None if old is not None and old.kind == "symlink" else old, None

    def _is_as_before(self, dep: Dep) -> bool:
        """Whether both commits hold the same at a path: in Git, and of outs by their hashes."""
        old, new = self._contents(dep)
        same = (old.oid if old else None) == (new.oid if new else None)
        paths = dep.reached, *dep.inner_targets
        before, after = ([side.around(path) for path in paths] for side in self._sides)
        return same and before == after and (any(before) or new is not None)

    def _is_cached(self, dep: Dep, reason: Reason) -> bool:
        """Whether what is there is only in DVC's cache, or beside Git, and was so in the base."""
        old, new = self._contents(dep)
        if new is None:
            hidden = reason.kind == "out-unknown"
            kept = all(side.around(dep.reached) for side in self._sides)
            return (old is None and kept) or hidden
        if new.kind not in ("directory", "in-submodule"):
            return False
        return new.unknown is None or (old is not None and old.unknown == new.unknown)


class _Outs:
    """The outs of a commit with their stages, by path."""

    def __init__(self, lineage: Lineage) -> None:
        self.makers: dict[str, Stage] = {}
        self._hashes: dict[str, str | None] = {}
        for stage in lineage.stages:
            for out in stage.outs:
                self.makers.setdefault(out.path, stage)
                self._hashes.setdefault(out.path, _hash(out.locked))
        self._paths = sorted(self.makers)

    def around(self, path: str) -> dict[str, str | None]:
        """Return the hashes of the outs at a path, around it and inside it, by their paths."""
        paths = [path, *ancestors(path), *inside(self._paths, path)]
        return {one: self._hashes[one] for one in paths if one in self._hashes}


def _hash(version: Version | None) -> str | None:
    return str(version.hash) if version is not None and version.hash is not None else None


def _base_ids(context: Context) -> Mapping[str, str]:
    """Return the base ids of renamed stages, by their ids at the head."""
    return {s.name: s.renamed_from for s in context.change.stages if s.renamed_from is not None}


def _is_renewed(path: str, old: Stage, new: Stage) -> bool:
    """Whether the lock records a run on another version of an input than in the base."""
    old_items: tuple[Dep | Out, ...] = (*old.deps, *old.outs)
    new_items: tuple[Dep | Out, ...] = (*new.deps, *new.outs)
    before = {item.path: item.locked for item in old_items}
    for item in new_items:
        if item.path == path:
            return not same_version(before.get(path), item.locked)
    params = {param.path: param.locked for param in old.params}
    return any(param.path == path and params.get(path) != param.locked for param in new.params)


def _reported_files(context: Context) -> frozenset[str]:
    """Return the unreadable files that another rule reports as an error."""
    milder = {rule for rule, severity in context.policy.rules.items() if severity != "error"}
    milder |= {item.rule for item in context.policy.silence}
    milder |= {rule for item in context.head_facts.silences for rule in item.rules}
    files: set[str] = set()
    for problem in context.head.problems:
        if problem.rule in _REPORTING_RULES - milder:
            files.add(problem.file)
            if problem.pipeline is not None:
                files.add(problem.pipeline)
    return frozenset(files)
