"""From the facts of one repository to the rows of its part."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

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
    Scalar,
    UnknownFact,
)
from lineage_diff.organization.head_rows import HeadRows, MadeAt, authored, time_of
from lineage_diff.organization.made_from import Closures
from lineage_diff.organization.tables.schema import PartKind, TableRow

UNTRACED = "too many versions are behind a model, or a run behind it is missing"


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
) -> Iterator[TableRow]:
    """Yield the rows of all facts of a repository, or of those after `stored` ones.

    The facts are those of an export of the history; after the last one, `in_force` returns the runs
    that its last commit still has. Rows come in no order of their tables.
    """
    rows = _Rows(stored if stored is not None else StoredPart())
    for fact in facts:
        row = rows.of(fact)
        if row is not None:
            yield row
    yield from rows.at_end(in_force())


class _Rows:
    """Takes the facts in their order, and keeps those that rows need later."""

    def __init__(self, stored: StoredPart) -> None:
        self._stored = stored
        self._made = dict(stored.made)
        self._ordinals: dict[str, int] = {}
        self._repository: RepositoryFact | None = None
        self._commits: dict[str, CommitFact] = {}
        self._head = HeadRows()
        self._runs: dict[str, RunFact] = {}
        self._unknowns: set[UnknownFact] = set()
        self._used: dict[str, list[InputFact]] = {}
        self._outs: list[OutputFact] = []
        self._folders: frozenset[str] = frozenset()
        # By type: to compare each fact with each type took a tenth of the time.
        self._by_kind: Mapping[type[Fact], Callable[[Any], TableRow | None]] = {
            InputFact: self._edge,
            ParamFact: _param,
            MetricFact: self._metric,
            RunFact: self._run,
            ImportFact: self._source,
            UnknownFact: self._unknown,
            OutputFact: self._keep_out,
            RepositoryFact: self._keep_repository,
            CommitFact: self._keep_commit,
        }

    def of(self, fact: Fact) -> TableRow | None:
        """Return the row that is known at once; keep the fact where others need it."""
        return self._by_kind.get(type(fact), self._head.add)(fact)

    def _keep_repository(self, fact: RepositoryFact) -> None:
        self._repository = fact

    def _keep_commit(self, fact: CommitFact) -> None:
        self._commits[fact.commit] = fact

    def _keep_out(self, fact: OutputFact) -> None:
        self._outs.append(fact)
        self._made[fact.path] = MadeAt(fact.run, self._runs[fact.run].commit)

    def at_end(self, in_force: Iterable[str]) -> Iterator[TableRow]:
        """Yield the rows that need all facts."""
        if self._repository is None:
            raise TypeError("a stream of facts begins with its repository")
        for commit in self._commits.values():
            if commit.commit in self._ordinals or commit.commit != self._repository.head:
                yield self._commit(commit)
        yield from self._artifacts()
        head = self._commits[self._repository.head]
        for table, row in self._head.rows(self._repository, head, self._made, in_force):
            yield "head", table, row

    def _commit(self, fact: CommitFact) -> TableRow:
        ordinal = self._ordinals.get(fact.commit)
        return "history", "commits", (fact.commit, ordinal, time_of(fact.date), *authored(fact))

    def _run(self, fact: RunFact) -> TableRow:
        self._runs[fact.run] = fact
        self._used[fact.run] = []
        self._ordinals.setdefault(fact.commit, self._stored.commits + len(self._ordinals))
        row = (fact.run, *self._recorded(fact.run), fact.stage, fact.kind, fact.file, fact.command)
        return "history", "runs", (*row, fact.certain)

    def _recorded(self, run: str) -> tuple[str, int]:
        """Return the commit that recorded a run, with its ordinal."""
        commit = self._runs[run].commit
        return commit, self._ordinals[commit]

    def _edge(self, fact: InputFact) -> TableRow:
        self._used[fact.run].append(fact)
        version = (fact.path, fact.url, fact.hash, fact.size, fact.files, fact.kind)
        used = (fact.run, *self._recorded(fact.run), self._runs[fact.run].stage)
        return "history", "edges", (*version, *used, fact.made_by, fact.out, fact.out_hash)

    def _metric(self, fact: MetricFact) -> TableRow:
        value = (fact.file, fact.key, _number(fact), json.dumps(fact.value))
        if fact.run is None:
            return "head", "metrics", (None, fact.commit, None, *value)
        return "history", "metrics", (fact.run, *self._recorded(fact.run), *value)

    def _source(self, fact: ImportFact) -> TableRow:
        source = (fact.kind, fact.source, fact.source_repository, fact.path, fact.rev)
        row = (fact.run, *self._recorded(fact.run), *source, fact.rev_lock, fact.hash)
        return "history", "sources", row

    def _unknown(self, fact: UnknownFact) -> TableRow:
        head = self._repository.head if self._repository is not None else None
        # The history repeats what its last commit made unreadable.
        is_of_head = not self._runs and fact.commit in (None, head) and fact not in self._unknowns
        kind: PartKind = "head" if is_of_head else "history"
        self._unknowns.add(fact)
        return kind, "unknowns", (fact.commit, fact.subject, fact.reason)

    def _artifacts(self) -> Iterator[TableRow]:
        self._folders = self._head.model_outs
        models = [fact for fact in self._outs if self._has_model(fact)]
        closures = Closures(self._used_with_stored(models))
        has_untraced = False
        for fact in self._outs:
            if not self._has_model(fact):
                yield self._artifact(fact, None)
                continue
            behind = closures.behind(fact.run)
            has_untraced |= behind is None
            yield self._artifact(fact, behind is not None)
            for version in behind or ():
                row = (version.path, version.url, version.hash, version.kind, version.made_by)
                model = (fact.path, fact.hash, fact.run, *self._recorded(fact.run))
                yield "history", "made_from", (*model, *row, version.distance)
        if has_untraced:
            yield "history", "unknowns", (None, "made_from", UNTRACED)

    def _has_model(self, fact: OutputFact) -> bool:
        return fact.is_model or fact.path in self._folders

    def _used_with_stored(self, models: Iterable[OutputFact]) -> Mapping[str, list[InputFact]]:
        """Return the inputs of all runs that are behind models."""
        if not self._stored.commits:
            return self._used
        made = {used.made_by for inputs in self._used.values() for used in inputs}
        missing = frozenset(run for run in made if run is not None and run not in self._used)
        return {**self._stored.used_behind(missing), **self._used}

    def _artifact(self, fact: OutputFact, traced: bool | None) -> TableRow:
        run = self._runs[fact.run]
        version = (fact.path, fact.url, fact.hash, fact.size, fact.files)
        made = (fact.run, *self._recorded(fact.run), run.stage, run.kind)
        return "history", "artifacts", (*version, traced is not None, traced, *made)


def _param(fact: ParamFact) -> TableRow:
    number = _as_number(fact.value)
    row = (fact.run, fact.file, fact.key, fact.type, _text(fact.value), number)
    return "history", "params", row


def _as_number(value: Scalar) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _text(value: Scalar) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _number(fact: MetricFact) -> float:
    try:
        return float(fact.value)
    except OverflowError:
        return float("inf") if fact.value > 0 else float("-inf")
