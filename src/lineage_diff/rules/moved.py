"""Find where findings, and the stages of ignore comments, were before a change.

So no move excuses a finding.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import basename, dirname, join

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.graph import OverlapIndex, ancestors, inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.rule import Context

Names = tuple[str, ...]
_Key = tuple[str, tuple[str, ...], str, str]


def origins(change: Change) -> Mapping[str, str]:
    """Return the old paths of moved models and data, and the old ids of renamed stages."""
    moved = {stage.name: stage.renamed_from for stage in change.stages if stage.renamed_from}
    moved |= {item.path: item.renamed_from for item in change.data if item.renamed_from}
    return moved | {item.path: item.renamed_from for item in change.models if item.renamed_from}


def moves_of(context: Context) -> "Moved":
    """Return the moves since the base, and since the tip of its branch."""
    old = context.base.stages
    # The author of a change chooses its merge base.
    tip = () if context.trusted is context.base else context.trusted.stages
    return Moved(context.change, (*old, *tip), context.head.stages)


class Moved:
    """The names of a finding that globs are matched with, at the head and before the change.

    The id of a stage is not enough: a change can give it to another stage. Stages are compared by
    their outputs.
    """

    def __init__(self, change: Change, before: Iterable[Stage], now: Iterable[Stage]) -> None:
        """Index the moves of a change from the stages before to those of the head."""
        self._old, new = tuple(before), tuple(now)
        self.stages = (*self._old, *new)
        self._origins = origins(change)
        self._now = {stage.id: stage for stage in new}
        self._of_model = {model.path: model.stage for model in change.models}
        self._found: dict[str, tuple[Stage, ...]] = {}

    def now(self, finding: Finding) -> Names:
        """Return its subject and its file."""
        return _names(finding.subject, finding.file)

    def before(self, finding: Finding) -> Iterator[Names]:
        """Yield its subject and file before the change, for each stage that it comes from."""
        name, detail = self._without_detail(finding.subject)
        stage = self._now.get(name)
        if stage is not None:
            for old in self.predecessors(stage) or (stage,):
                yield _names(f"{old.id}{detail}", _file_before(finding.file, stage, old))
            return
        path = self._origins.get(name, name)
        stage = self._now.get(self._of_model.get(name) or "")
        olds = self._producers.get(path) or (self.predecessors(stage) if stage else ())
        for file in sorted({old.file for old in olds}) or (finding.file,):
            yield _names(f"{path}{detail}", finding.file and file)

    def predecessors(self, stage: Stage) -> tuple[Stage, ...]:
        """Return the stages that made the outputs of a stage of the head before the change.

        If there is no such output, the stage that had its id, or the one that it was renamed from.
        Empty for a new stage.
        """
        if stage.id not in self._found:
            made = (old for out in stage.outs for old in self._producers_of(out.path))
            found = {old.id: old for old in made}
            if not found:
                id_ = self._origins.get(stage.id, stage.id)
                found = {id_: self._by_id[id_]} if id_ in self._by_id else {}
            self._found[stage.id] = tuple(found[id_] for id_ in sorted(found))
        return self._found[stage.id]

    def _producers_of(self, path: str) -> Iterator[Stage]:
        path = self._origins.get(path, path)
        paths = (path,) if path in self._producers else self._outs.overlapping_outputs(path)
        for made in paths:
            yield from self._producers[made]

    def _without_detail(self, subject: str) -> tuple[str, str]:
        """Return the stage or moved path that a subject begins with, and the rest of it."""
        name = subject
        while name not in self._now and name not in self._origins:
            name, colon, _ = name.rpartition(":")
            if not colon:
                return subject, ""
        return name, subject[len(name) :]

    @cached_property
    def _by_id(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self._old}

    @cached_property
    def _producers(self) -> Mapping[str, list[Stage]]:
        made: dict[str, list[Stage]] = {}
        for stage in self._old:
            for out in stage.outs:
                made.setdefault(out.path, []).append(stage)
        return made

    @cached_property
    def _outs(self) -> OverlapIndex:
        return OverlapIndex(self._producers)


def _names(subject: str, file: str | None) -> Names:
    return (subject, file) if file is not None else (subject,)


def _file_before(file: str | None, stage: Stage, old: Stage) -> str | None:
    """Return the old place of a file that declares a stage, or that is beside it as its lock is."""
    if file is None or file == stage.file:
        return file and old.file
    is_beside = dirname(file) == dirname(stage.file)
    return join(dirname(old.file), basename(file)) if is_beside else file


class KnownComments:
    """Recognizes comments of the head that suppress the same as in the base.

    The text alone is not enough: a change can move a stage's name, and so the comment above it,
    to another stage. Stages are compared by their outputs.
    """

    def __init__(
        self,
        base: Lineage,
        ignore_comments: Iterable[IgnoreComment],
        head: Lineage,
        moved: Mapping[str, str],
    ) -> None:
        """Index the comments of the base.

        `moved` gives the old path or id of each renamed path or stage.
        """
        self._one_commit = base.commit == head.commit
        self._moved = moved
        self._here = _by_line(head)
        self._producers = {out.path: stage.id for stage in base.stages for out in stage.outs}
        self._made = sorted(self._producers)
        lines = _by_line(base)
        self._before: dict[_Key, set[str]] = {}
        for comment in ignore_comments:
            stages = lines.get((comment.file, comment.line), ())
            self._before.setdefault(_key(comment), set()).update(stage.id for stage in stages)

    def is_known(self, comment: IgnoreComment) -> bool:
        """Whether the base has the comment for all stages that it applies to in the head."""
        stages = self._here.get((comment.file, comment.line), ())
        return _key(comment) in self._before and all(
            self.is_known_for(comment, stage) for stage in stages
        )

    def is_known_for(self, comment: IgnoreComment, stage: Stage) -> bool:
        """Whether the base has the comment for the outputs of a stage of the head.

        New outputs do not matter, unless the stage has no output that the base has.
        """
        before = self._before.get(_key(comment))
        if before is None or self._one_commit:
            return before is not None
        if not stage.outs:
            return self._moved.get(stage.id, stage.id) in before
        producers = {producer for out in stage.outs for producer in self._producers_of(out.path)}
        return bool(producers) and producers <= before

    def _producers_of(self, path: str) -> Iterator[str]:
        path = self._moved.get(path, path)
        for made in (path, *ancestors(path), *inside(self._made, path)):
            if made in self._producers:
                yield self._producers[made]


def _key(comment: IgnoreComment) -> _Key:
    return comment.file, comment.rules, comment.reason, comment.anchor


def _by_line(lineage: Lineage) -> dict[tuple[str, int], Sequence[Stage]]:
    found: dict[tuple[str, int], list[Stage]] = {}
    for stage in lineage.stages:
        if stage.line is not None:
            found.setdefault((stage.file, stage.line), []).append(stage)
    return dict(found)
