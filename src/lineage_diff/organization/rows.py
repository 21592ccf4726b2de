"""From the facts of one repository to the rows of its part."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import astuple

from lineage_diff.catalog.facts import (
    CommitFact,
    Fact,
    ImportFact,
    InputFact,
    MetricFact,
    OutputFact,
    ParamFact,
    RepositoryFact,
    RunFact,
    RunKind,
    Scalar,
    UnknownFact,
)
from lineage_diff.organization.head_rows import HeadRows, MadeAt, authored, time_of
from lineage_diff.organization.made_from import Closures
from lineage_diff.organization.tables.schema import PartKind, Row

Rows = Mapping[PartKind, dict[str, list[Row]]]
"""The rows by the kind of their write and their table, in the order of its own columns."""

UNTRACED = "too many versions are behind a model, or a run behind it is missing"


class _RunRow(Struct, frozen=True, gc=False):
    """A run as other rows name it: the commit that recorded it with its ordinal, and its stage."""

    commit: str
    ordinal: int
    stage: str
    kind: RunKind


class StoredPart(Struct, frozen=True):
    """What the tables hold of the commits before the first fact of a run.

    `commits` is the number of those that recorded runs, `made` the last run of each out.
    `used_behind` returns the inputs of all runs behind some, and of these, by run.
    """

    commits: int = 0
    made: Mapping[str, MadeAt] = field(default_factory=dict)
    used_behind: Callable[[frozenset[str]], Mapping[str, list[InputFact]]] = lambda _: {}


def table_rows(
    facts: Iterable[Fact],
    stored: StoredPart | None = None,
    in_force: Callable[[], Iterable[str]] = tuple,
) -> Rows:
    """Return the rows of all facts of a repository, or of those after `stored` ones.

    The facts are those of an export of the history; after the last one, `in_force` returns the runs
    that its last commit still has. Rows come in no order of their tables.
    """
    rows = _Rows(stored if stored is not None else StoredPart())
    rows.take(facts)
    rows.add_last(in_force())
    return rows.found


class _Rows:
    """Takes the facts in their order, and keeps those that rows need later."""

    def __init__(self, stored: StoredPart) -> None:
        self.found: Rows = {"history": {}, "head": {}}
        self._stored = stored
        self._made = dict(stored.made)
        self._ordinals: dict[str, int] = {}
        self._repository: RepositoryFact | None = None
        self._commits: dict[str, CommitFact] = {}
        self._head = HeadRows()
        self._runs: dict[str, _RunRow] = {}
        self._unknowns: set[UnknownFact] = set()
        self._used: dict[str, list[InputFact]] = {}
        self._outs: list[OutputFact] = []
        self._folders: frozenset[str] = frozenset()
        self._edges: list[Row] = []
        self._params: list[Row] = []

    def take(self, facts: Iterable[Fact]) -> None:
        """Add the rows that are known at once; keep the facts where others need them."""
        # By type: to compare each fact with each type took a tenth of the time.
        by_kind: Mapping[type[Fact], Callable[[Any], None]] = {
            InputFact: self._edge,
            ParamFact: self._param,
            MetricFact: self._metric,
            RunFact: self._run,
            ImportFact: self._source,
            UnknownFact: self._unknown,
            OutputFact: self._keep_out,
            RepositoryFact: self._keep_repository,
            CommitFact: self._keep_commit,
        }
        of_head = self._head.add
        for fact in facts:
            by_kind.get(type(fact), of_head)(fact)

    def _add(self, kind: PartKind, table: str, row: Row, *more: Row) -> None:
        rows = self.found[kind].setdefault(table, [])
        rows.append(row)
        rows += more

    def _keep_repository(self, fact: RepositoryFact) -> None:
        self._repository = fact

    def _keep_commit(self, fact: CommitFact) -> None:
        self._commits[fact.commit] = fact

    def _keep_out(self, fact: OutputFact) -> None:
        self._outs.append(fact)
        self._made[fact.path] = MadeAt(fact.run, self._runs[fact.run].commit)

    def add_last(self, in_force: Iterable[str]) -> None:
        """Add the rows that need all facts."""
        if self._repository is None:
            raise TypeError("a stream of facts begins with its repository")
        for table, rows in (("edges", self._edges), ("params", self._params)):
            if rows:
                self.found["history"][table] = rows
        for commit in self._commits.values():
            if commit.commit in self._ordinals or commit.commit != self._repository.head:
                self._add("history", "commits", self._commit(commit))
        self._artifacts()
        head = self._commits[self._repository.head]
        for table, row in self._head.rows(self._repository, head, self._made, in_force):
            self._add("head", table, row)

    def _commit(self, fact: CommitFact) -> Row:
        ordinal = self._ordinals.get(fact.commit)
        return (fact.commit, ordinal, time_of(fact.date), *authored(fact))

    def _run(self, fact: RunFact) -> None:
        run, commit = fact.run, fact.commit
        self._used[run] = []
        ordinal = self._ordinals.setdefault(commit, self._stored.commits + len(self._ordinals))
        self._runs[run] = _RunRow(commit, ordinal, fact.stage, fact.kind)
        made = (run, commit, ordinal, fact.stage, fact.kind)
        self._add("history", "runs", (*made, fact.file, fact.command, fact.certain))

    def _recorded(self, run: str) -> tuple[str, int]:
        """Return the commit that recorded a run, with its ordinal."""
        found = self._runs[run]
        return found.commit, found.ordinal

    def _edge(self, fact: InputFact) -> None:
        name = fact.run
        self._used[name].append(fact)
        run = self._runs[name]
        self._edges.append(
            (
                fact.path,
                fact.url,
                fact.hash,
                fact.size,
                fact.files,
                fact.kind,
                name,
                run.commit,
                run.ordinal,
                run.stage,
                fact.made_by,
                fact.out,
                fact.out_hash,
            )
        )

    def _param(self, fact: ParamFact) -> None:
        value = fact.value
        written = fact.run, fact.file, fact.key, fact.type
        self._params.append((*written, _text(value), _as_number(value)))

    def _metric(self, fact: MetricFact) -> None:
        value = (fact.file, fact.key, _number(fact), json.dumps(fact.value))
        if fact.run is None:
            self._add("head", "metrics", (None, fact.commit, None, *value))
        else:
            self._add("history", "metrics", (fact.run, *self._recorded(fact.run), *value))

    def _source(self, fact: ImportFact) -> None:
        source = (fact.kind, fact.source, fact.source_repository, fact.path, fact.rev)
        row = (fact.run, *self._recorded(fact.run), *source, fact.rev_lock, fact.hash)
        self._add("history", "sources", row)

    def _unknown(self, fact: UnknownFact) -> None:
        head = self._repository.head if self._repository is not None else None
        # The history repeats what its last commit made unreadable.
        is_of_head = not self._runs and fact.commit in (None, head) and fact not in self._unknowns
        kind: PartKind = "head" if is_of_head else "history"
        self._unknowns.add(fact)
        self._add(kind, "unknowns", (fact.commit, fact.subject, fact.reason))

    def _artifacts(self) -> None:
        self._folders = self._head.model_outs
        models = [fact for fact in self._outs if self._has_model(fact)]
        closures = Closures(self._used_with_stored(models))
        has_untraced = False
        for fact in self._outs:
            if not self._has_model(fact):
                self._add("history", "artifacts", self._artifact(fact, None))
                continue
            behind = closures.behind(fact.run)
            has_untraced |= behind is None
            self._add("history", "artifacts", self._artifact(fact, behind is not None))
            if behind:
                model = (fact.path, fact.hash, fact.run, *self._recorded(fact.run))
                rows = [(*model, *astuple(version)) for version in behind]
                self._add("history", "made_from", *rows)
        if has_untraced:
            self._add("history", "unknowns", (None, "made_from", UNTRACED))

    def _has_model(self, fact: OutputFact) -> bool:
        return fact.is_model or fact.path in self._folders

    def _used_with_stored(self, models: Iterable[OutputFact]) -> Mapping[str, list[InputFact]]:
        """Return the inputs of all runs that are behind models."""
        if not self._stored.commits:
            return self._used
        made = {used.made_by for inputs in self._used.values() for used in inputs}
        missing = frozenset(run for run in made if run is not None and run not in self._used)
        return {**self._stored.used_behind(missing), **self._used}

    def _artifact(self, fact: OutputFact, traced: bool | None) -> Row:
        run = self._runs[fact.run]
        version = (fact.path, fact.url, fact.hash, fact.size, fact.files)
        made = (fact.run, run.commit, run.ordinal, run.stage, run.kind)
        return (*version, traced is not None, traced, *made)


def _as_number(value: Scalar) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _text(value: Scalar) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # As JSON writes it, in a tenth of the time.
    return repr(value) if type(value) is int else json.dumps(value)


def _number(fact: MetricFact) -> float:
    try:
        return float(fact.value)
    except OverflowError:
        return float("inf") if fact.value > 0 else float("-inf")
