"""From the rows of a part back to the facts of an export, in the order of `catalog.facts`.

The sorted rows of several tables are read side by side: of a history, one run at a time becomes
facts.
"""

import json
from collections.abc import Callable, Collection, Iterator
from itertools import groupby

from lineage_diff.catalog.facts import (
    Fact,
    ImportFact,
    InputFact,
    MetricFact,
    OutputFact,
    ParamFact,
    RunFact,
    Scalar,
    UnknownFact,
)
from lineage_diff.catalog.formats import ScopeName
from lineage_diff.lineage.graph import reachable
from lineage_diff.organization.answers.engine import Engine, Found, in_parts, one_of
from lineage_diff.organization.part_reader import PartReader, commit_of, fact_of, metric_of
from lineage_diff.organization.stored_head import StoredHead, read_head

# Runs that one query names; with more, the rows of all runs are read.
_FEW = 1_000
# Queries for the runs behind runs, one for each step back; then all edges are read.
_STEPS = 8


def stored_facts(engine: Engine, repository: str, scope: ScopeName) -> Iterator[Fact]:
    """Yield the facts of a part: of the runs in force and those behind them, or of the history.

    The engine answers on `organization.views`.
    """
    part = PartReader(engine, repository)
    head = read_head(part, scope)
    yield head.repository
    yield from head.facts
    if scope == "history":
        yield from _History(part, head).facts()
    else:
        yield from _Current(part, head).facts()


def _param(row: Found) -> ParamFact:
    return fact_of(ParamFact, row, value=_value(row["type"], row["value"]))


def _value(type_: str, text: str | None) -> Scalar:
    if text is None or type_ in ("string", "json"):
        return text
    found: Scalar = json.loads(text)
    return found


_RUNS = (
    "t.*, c.author_date, c.author, c.subject, c.pull_request FROM runs t "
    "JOIN commits c ON t.repository = c.repository AND t.commit = c.commit"
)
_IN_ORDER = "r.ordinal, r.stage, r.run"


class _RunRows:
    """Reads the rows of runs, those of each table in the order of the runs."""

    def __init__(self, part: PartReader, head: StoredHead, runs: Collection[str] | None) -> None:
        self._part = part
        self._head = head
        self._runs = runs
        few = runs is not None and 0 < len(runs) <= _FEW
        self._where = one_of("t.run", sorted(runs)) if runs is not None and few else ""
        of = self._of_table
        self._tables: tuple[Callable[[str], Iterator[Fact]], ...] = (
            of("params", "t.file, t.key", _param),
            of("sources", "t.run", lambda row: fact_of(ImportFact, row)),
            of("edges", "t.kind = 'params', t.path, t.out", lambda row: fact_of(InputFact, row)),
            of("artifacts", "t.path", self._output),
        )
        self._metrics = of("metrics", "t.file, t.key", self._metric)

    def facts(self, current: Collection[str] | None) -> Iterator[tuple[Found, list[Fact]]]:
        """Yield the row of each run with its facts. `current` are the runs in force."""
        for row in self._part.rows(_RUNS, "t.ordinal, t.stage, t.run", self._where):
            run = row["run"]
            if self._runs is not None and run not in self._runs:
                continue
            is_current = None if current is None else run in current
            found: list[Fact] = [fact_of(RunFact, row, current=is_current)]
            for table in self._tables:
                found += table(run)
            metrics = self._metrics(run)
            # An older run has none in an export of the commit.
            found += (fact for fact in metrics if is_current is not False)
            yield row, found

    def _of_table(
        self, name: str, order: str, fact: Callable[[Found], Fact]
    ) -> Callable[[str], Iterator[Fact]]:
        """Return a function that yields the facts of a run; runs are asked for in their order."""
        rows = self._part.rows(
            f"t.* FROM {name} t JOIN runs r ON t.repository = r.repository AND t.run = r.run",
            f"{_IN_ORDER}, {order}",
            self._where,
        )
        wanted = (row for row in rows if self._runs is None or row["run"] in self._runs)
        groups = groupby(wanted, key=lambda row: str(row["run"]))
        waiting = next(groups, None)

        def of_run(run: str) -> Iterator[Fact]:
            nonlocal waiting
            if waiting is not None and waiting[0] == run:
                yield from map(fact, waiting[1])
                waiting = next(groups, None)

        return of_run

    def _output(self, row: Found) -> OutputFact:
        is_model = row["is_model"] and row["path"] not in self._head.folders
        return fact_of(OutputFact, row, is_model=is_model)

    def _metric(self, row: Found) -> MetricFact:
        head = self._head
        of_head = {"commit": head.repository.head} if self._runs is not None else {}
        return metric_of(row, head.measured, **of_head)


class _History:
    """All runs that the history recorded."""

    def __init__(self, part: PartReader, head: StoredHead) -> None:
        self._part = part
        self._head = head
        self._unknowns: dict[str | None, list[UnknownFact]] = {}
        for fact in part.unknowns("history"):
            self._unknowns.setdefault(fact.commit, []).append(fact)

    def facts(self) -> Iterator[Fact]:
        """Yield the commits with their runs, and first what is unknown in those without runs."""
        yield from self._without_runs()
        shown = self._head.repository.head
        for row, found in _RunRows(self._part, self._head, None).facts(None):
            commit = row["commit"]
            if commit not in (shown, self._head.repository.head):
                yield commit_of(row, commit)
            shown = commit
            yield from self._unknowns.pop(commit, ())
            yield from found

    def _without_runs(self) -> Iterator[Fact]:
        head = self._head.repository.head
        yield from self._unknowns.pop(None, ())
        rows = self._part.rows("t.* FROM commits t", "t.date, t.commit", "t.ordinal IS NULL")
        for row in rows:
            if row["commit"] != head:
                yield commit_of(row, row["commit"])
            yield from self._unknowns.pop(row["commit"], ())


class _Current:
    """The runs in force at the indexed commit, and the older ones behind them."""

    def __init__(self, part: PartReader, head: StoredHead) -> None:
        self._part = part
        self._head = head

    def facts(self) -> Iterator[Fact]:
        """Yield the runs in the order of the history, each after its commit."""
        current = self._head.in_force
        shown = head = self._head.repository.head
        rows = _RunRows(self._part, self._head, self._with_older(current))
        for row, found in rows.facts(current):
            if row["commit"] not in (shown, head):
                shown = row["commit"]
                yield commit_of(row, shown)
            yield from found

    def _with_older(self, current: frozenset[str]) -> frozenset[str]:
        found, wanted = set(current), current
        for _ in range(_STEPS):
            if not wanted or len(wanted) > _FEW:
                break
            made = {name for part in in_parts(wanted) for name in self._makers(one_of("run", part))}
            wanted = frozenset(made - found)
            found |= wanted
        if not wanted:
            return frozenset(found)
        makers: dict[str, list[str]] = {}
        for row in self._edges("made_by IS NOT NULL"):
            makers.setdefault(row["run"], []).append(row["made_by"])
        return frozenset(reachable(found, lambda run: makers.get(run, ())))

    def _makers(self, where: str) -> Iterator[str]:
        for row in self._edges(f"made_by IS NOT NULL AND {where}"):
            yield row["made_by"]

    def _edges(self, where: str) -> Iterator[Found]:
        return self._part.rows("DISTINCT t.run, t.made_by FROM edges t", "1, 2", where)
