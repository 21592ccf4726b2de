"""From the rows of a part back to the facts of an export, in the order of `catalog.facts`.

The sorted rows of several tables are read side by side: of a history, one run at a time becomes
facts.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from msgspec import Struct

from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    ImportFact,
    InputFact,
    MetricFact,
    ModelFact,
    OutputFact,
    ParamFact,
    ReasonFact,
    RegisteredFact,
    RepositoryFact,
    RunFact,
    Scalar,
    StageFact,
    UnknownFact,
)
from lineage_diff.catalog.formats import ScopeName
from lineage_diff.lineage.graph import reachable
from lineage_diff.organization.answers.engine import Engine, Found, in_parts, one_of
from lineage_diff.organization.rows import UNTRACED

FactT = TypeVar("FactT", bound=Fact)

# Runs that one query names; with more, the rows of all runs are read.
_FEW = 1_000
# Queries for the runs behind runs, one for each step back; then all edges are read.
_STEPS = 8


class StoredHead(Struct, frozen=True):
    """The indexed commit of a part: its facts, and what those of the runs need of it.

    `measured` are the models that each metrics file measures. `folders` are outs that are no
    models, and hold one. `in_force` are the runs that the commit still has.
    """

    repository: RepositoryFact
    facts: Sequence[Fact]
    measured: Mapping[str, tuple[str, ...]]
    folders: frozenset[str]
    in_force: frozenset[str]


def stored_facts(engine: Engine, repository: str, scope: ScopeName) -> Iterator[Fact]:
    """Yield the facts of a part: of the runs in force and those behind them, or of the history.

    The engine answers on `organization.views`.
    """
    part = _Part(engine, repository)
    head = _read_head(part, scope)
    yield head.repository
    yield from head.facts
    if scope == "history":
        yield from _History(part, head).facts()
    else:
        yield from _Current(part, head).facts()


class _Part:
    """Reads the rows of one repository."""

    def __init__(self, engine: Engine, repository: str) -> None:
        self._engine = engine
        self._here = one_of("t.repository", (repository,))

    def rows(self, what: str, order: str, where: str = "") -> Iterator[Found]:
        """Yield sorted rows; `what` is the text of a query up to its conditions, on a table `t`."""
        also = f" AND {where}" if where else ""
        return self._engine.rows(f"SELECT {what} WHERE {self._here}{also} ORDER BY {order}")

    def facts(self, kind: type[FactT], table: str, order: str) -> list[FactT]:
        """Return the rows of a table whose columns are the fields of a fact."""
        return [_fact(kind, row) for row in self.rows(f"t.* FROM {table} t", order)]


def _fact(kind: type[FactT], row: Found, /, **others: Any) -> FactT:
    """Return a fact from the columns that have the names of its fields, and other values."""
    names = (name for name in kind.__struct_fields__ if name not in others)
    cells: dict[str, Any] = {
        name: tuple(row[name]) if isinstance(row[name], list) else row[name] for name in names
    }
    return kind(**cells, **others)


def _read_head(part: _Part, scope: ScopeName) -> StoredHead:
    (row,) = part.rows(
        "t.*, g.tool_version FROM repositories t "
        "JOIN generations g ON t.repository = g.repository AND t.generation = g.generation",
        "t.repository",
    )
    repository = _fact(RepositoryFact, row, scope=scope)
    models = part.facts(ModelFact, "models", "path")
    registered = part.facts(RegisteredFact, "registry", "ordinal")
    measured = _measured(models)
    metrics = part.rows("t.* FROM metrics t", "file, key", "run IS NULL")
    known = {*(fact.path for fact in models), *(fact.path for fact in registered)}
    facts = (
        _commit(row, repository.head),
        *_unknowns(part, "head"),
        *_declared(part),
        *models,
        *_freshness(part),
        *registered,
        *(_metric(found, measured) for found in metrics),
    )
    outs = frozenset(model.out for model in models if model.out is not None)
    return StoredHead(repository, facts, measured, outs - known, frozenset(row["runs"]))


def _declared(part: _Part) -> Iterator[Fact]:
    for row in part.rows("t.* FROM freshness t", "stage"):
        yield _fact(StageFact, row, group=row["generated_by"])
    yield from part.facts(EdgeFact, "stage_edges", "downstream, upstream, dep, out")
    yield from part.facts(DatasetFact, "outs", "path, stage")


def _freshness(part: _Part) -> Iterator[Fact]:
    for row in part.rows("t.* FROM freshness t", "stage", "freshness IS NOT NULL"):
        yield _fact(FreshnessFact, row)
        for kind, subject, detail in zip(
            row["reasons"], row["subjects"], row["details"], strict=True
        ):
            yield _fact(ReasonFact, row, kind=kind, subject=subject, detail=detail or None)


def _measured(models: Sequence[ModelFact]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for model in models:
        for file in model.metrics:
            found.setdefault(file, []).append(model.path)
    return {file: tuple(paths) for file, paths in found.items()}


def _commit(row: Found, commit: str) -> CommitFact:
    return _fact(
        CommitFact, row, commit=commit, date=row["author_date"], subject=row["subject"] or ""
    )


def _unknowns(part: _Part, kind: str) -> Iterator[UnknownFact]:
    """Yield what is unknown; not what `made_from` lacks, which is no part of an export."""
    rows = part.rows(
        "t.* FROM unknowns t "
        "JOIN generations g ON t.repository = g.repository AND t.generation = g.generation",
        "t.subject, t.commit",
        f"g.kind = '{kind}'",
    )
    yield from (_fact(UnknownFact, row) for row in rows if row["reason"] != UNTRACED)


def _metric(row: Found, measured: Mapping[str, tuple[str, ...]], **others: Any) -> MetricFact:
    models = measured.get(row["file"], ())
    return _fact(MetricFact, row, value=json.loads(row["json"]), models=models, **others)


def _param(row: Found) -> ParamFact:
    return _fact(ParamFact, row, value=_value(row["type"], row["value"]))


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

    def __init__(self, part: _Part, head: StoredHead, runs: Collection[str] | None) -> None:
        self._part = part
        self._head = head
        self._runs = runs
        few = runs is not None and 0 < len(runs) <= _FEW
        self._where = one_of("t.run", sorted(runs)) if runs is not None and few else ""
        of = self._of_table
        self._tables: tuple[Callable[[str], Iterator[Fact]], ...] = (
            of("params", "t.file, t.key", _param),
            of("sources", "t.run", lambda row: _fact(ImportFact, row)),
            of("edges", "t.kind = 'params', t.path, t.out", lambda row: _fact(InputFact, row)),
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
            found: list[Fact] = [_fact(RunFact, row, current=is_current)]
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
        return _fact(OutputFact, row, is_model=is_model)

    def _metric(self, row: Found) -> MetricFact:
        head = self._head
        of_head = {"commit": head.repository.head} if self._runs is not None else {}
        return _metric(row, head.measured, **of_head)


class _History:
    """All runs that the history recorded."""

    def __init__(self, part: _Part, head: StoredHead) -> None:
        self._part = part
        self._head = head
        self._unknowns: dict[str | None, list[UnknownFact]] = {}
        for fact in _unknowns(part, "history"):
            self._unknowns.setdefault(fact.commit, []).append(fact)

    def facts(self) -> Iterator[Fact]:
        """Yield the commits with their runs, and first what is unknown in those without runs."""
        yield from self._without_runs()
        shown = self._head.repository.head
        for row, found in _RunRows(self._part, self._head, None).facts(None):
            commit = row["commit"]
            if commit not in (shown, self._head.repository.head):
                yield _commit(row, commit)
            shown = commit
            yield from self._unknowns.pop(commit, ())
            yield from found

    def _without_runs(self) -> Iterator[Fact]:
        head = self._head.repository.head
        yield from self._unknowns.pop(None, ())
        rows = self._part.rows("t.* FROM commits t", "t.date, t.commit", "t.ordinal IS NULL")
        for row in rows:
            if row["commit"] != head:
                yield _commit(row, row["commit"])
            yield from self._unknowns.pop(row["commit"], ())


class _Current:
    """The runs in force at the indexed commit, and the older ones behind them."""

    def __init__(self, part: _Part, head: StoredHead) -> None:
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
                yield _commit(row, shown)
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
