"""Find the ignore comments that the base has too, for the same stages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage

_Key = tuple[str, tuple[str, ...], str, str]


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
