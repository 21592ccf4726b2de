"""Find the location of a finding whose subject has no line of its own, or was removed."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from lineage_diff.diff.line_numbers import line_of_key
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.stage import Stage
from lineage_diff.rules.rule import Context


class MetricLocations:
    """Finds the file and line of metrics at the head."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(self, file: str, key: str | None) -> tuple[str, int]:
        """Return the location of a metric, or of its file.

        The line of its key or nearest parent; else the stage that declares the file; else line 1.
        """
        line = line_of_key(self._context.head_facts.value_lines, file, key or "")
        if line is not None:
            return file, line
        producers = self._producers
        numbers = (producers[path] for path in (file, *ancestors(file)) if path in producers)
        first = min(numbers, default=None)
        if first is None:
            return file, 1
        stage = self._context.head.stages[first]
        return stage.file, stage.line or 1

    @cached_property
    def _producers(self) -> Mapping[str, int]:
        """The number of the first stage with a line, by out."""
        producers: dict[str, int] = {}
        for number, stage in enumerate(self._context.head.stages):
            for out in stage.outs if stage.line is not None else ():
                producers.setdefault(out.path, number)
        return producers


class RemovedLocations:
    """Finds the file and line for paths that no stage makes any more."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(self, path: str, stage: str | None, file: str) -> tuple[str, int]:
        """Return the location of a path; `stage` made it, `file` declared it if no stage did.

        The stage that made it, if the head still has it; else line 1 of the file that declared it.
        """
        producers = self._producers.get(path, ())
        ids = [*([stage] if stage is not None else []), *(producer.id for producer in producers)]
        kept = next((self._head[producer] for producer in ids if producer in self._head), None)
        if kept is not None:
            return kept.file, kept.line or 1
        return (producers[0].file if producers else file), 1

    @cached_property
    def _producers(self) -> Mapping[str, Sequence[Stage]]:
        producers: dict[str, list[Stage]] = {}
        for stage in self._context.base.stages:
            for out in stage.outs:
                producers.setdefault(out.path, []).append(stage)
        return producers

    @cached_property
    def _head(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self._context.head.stages}
