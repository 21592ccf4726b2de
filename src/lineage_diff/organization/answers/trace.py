"""All that a version of a model was made from, in its repository and in those it imports from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from lineage_diff.organization.answers.engine import Engine, Found, in_parts, literal, one_of
from lineage_diff.organization.answers.joins import SourceHistory, is_tiny, redacted_reason
from lineage_diff.organization.answers.model_version import VERSION_COLUMNS, model_version
from lineage_diff.organization.answers.registered import registered_uses
from lineage_diff.organization.answers.rows import recorded_in
from lineage_diff.organization.answers.subject import last_of_each
from lineage_diff.organization.redaction import is_digest
from lineage_diff.report.organization.answers import (
    JoinKind,
    OrganizationTrace,
    OrganizationUnknown,
    RepositoryJoin,
    TracedInput,
    TracedParam,
)

INPUTS = 10_000
"""Versions behind one model in an answer: more would not be read."""

TRACE_HOPS = 30
"""Joins in a row between repositories."""


class TraceAnswer(Struct, frozen=True):
    """The answer, and what it cannot know."""

    trace: OrganizationTrace
    unknowns: tuple[OrganizationUnknown, ...]


def find_trace(engine: Engine, text: str, repositories: Sequence[str]) -> TraceAnswer:
    """Return what a model was made from: `[REPO:]MODEL[@VERSION|#STAGE]`.

    Raises `InputError` for none or several models of that name.
    """
    name, version = model_version(engine, text, repositories)
    search = _Trace(engine)
    search.enter(version["repository"], {str(version["run"])}, 0)
    search.follow()
    run = next(iter(engine.rows(f"SELECT command FROM runs WHERE {_run_is(version)}")), None)
    key = version["repository"], version["path"], version["hash"]
    inputs = search.traced()
    trace = OrganizationTrace(
        version["repository"],
        version["path"],
        name,
        version["hash"],
        version["stage"],
        run["command"] if run is not None else None,
        recorded_in(_with_date(engine, version)),
        registered_uses(engine, [version["repository"]]).get(key, ()),
        tuple(inputs[:INPUTS]),
        max(0, len(inputs) - INPUTS),
        tuple(_params(engine, version)),
        tuple(sorted(search.joins, key=lambda join: (join.hops, join.repository, join.path))),
    )
    return TraceAnswer(trace, tuple(search.unknowns))


def _run_is(version: Found) -> str:
    return f"repository = {literal(version['repository'])} AND run = {literal(version['run'])}"


def _with_date(engine: Engine, version: Found) -> Found:
    here = f"repository = {literal(version['repository'])}"
    rows = engine.rows(
        "SELECT date, author, pull_request FROM commits "
        f"WHERE {here} AND commit = {literal(version['commit'])}"
    )
    return {**version, **next(iter(rows), {})}


def _params(engine: Engine, version: Found) -> Iterator[TracedParam]:
    for row in engine.rows(
        f"SELECT file, key, value FROM params WHERE {_run_is(version)} ORDER BY file, key"
    ):
        yield TracedParam(row["file"], row["key"], row["value"])


class _Trace:
    """The runs behind a model that were entered, and the inputs found so far."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.history = SourceHistory(engine)
        self.entered: set[tuple[str, str]] = set()
        self.ahead: list[tuple[str, set[str], int]] = []
        self.found: dict[tuple[str, str, str | None, str | None], TracedInput] = {}
        self.producers: dict[tuple[str, str, str | None, str | None], tuple[str, str]] = {}
        self.joins: set[RepositoryJoin] = set()
        self.unknowns: set[OrganizationUnknown] = set()

    def enter(self, repository: str, runs: set[str], hops: int) -> None:
        """Take all inputs of runs and of the runs behind them, in one repository."""
        distance, ahead, inside = 0, set(runs), set(runs)
        loose: list[Found] = []
        while ahead:
            distance += 1
            self.entered.update((repository, run) for run in ahead)
            onward: set[str] = set()
            for row in self._inputs(repository, ahead):
                self._take(repository, row, distance, hops)
                producer = row["made_by"]
                if producer is None:
                    loose.append(row)
                elif (repository, producer) not in self.entered:
                    onward.add(producer)
            inside |= onward
            ahead = onward
        self._leave(repository, inside, loose, hops)

    def _inputs(self, repository: str, runs: Iterable[str]) -> Iterator[Found]:
        for part in in_parts(runs):
            yield from self.engine.rows(
                "SELECT path, hash, size, kind, made_by, run FROM edges "
                f"WHERE repository = {literal(repository)} AND {one_of('run', part)}"
            )

    def _take(self, repository: str, row: Found, distance: int, hops: int) -> None:
        key = repository, row["path"], row["hash"], row["made_by"]
        before = self.found.get(key)
        if before is None or (hops, distance) < (before.hops, before.distance):
            self.found[key] = TracedInput(
                repository, row["path"], row["hash"], row["kind"], distance, hops, None, None
            )

    def _leave(self, repository: str, runs: set[str], loose: Sequence[Found], hops: int) -> None:
        """Note the imports among runs, and the content that others made, to enter them later."""
        if hops >= TRACE_HOPS:
            reason = f"more than {TRACE_HOPS} joins follow each other: the rest is left out"
            self.unknowns.add(OrganizationUnknown(None, "joins", reason))
            return
        outs = list(self._outs(repository, runs))
        imported = set()
        for part in in_parts(runs):
            for row in self.engine.rows(
                "SELECT run, kind, source, source_repository, path, rev_lock, hash FROM sources "
                f"WHERE repository = {literal(repository)} AND {one_of('run', part)}"
            ):
                imported.add(row["run"])
                own = [out for out in outs if out["run"] == row["run"]]
                if row["kind"] == "repo":
                    self._follow_import(repository, row, own, hops)
        added = [out for out in outs if out["kind"] != "stage" and out["run"] not in imported]
        self._follow_content(repository, [*added, *loose], hops)

    def _outs(self, repository: str, runs: Iterable[str]) -> Iterator[Found]:
        for part in in_parts(runs):
            yield from self.engine.rows(
                f"SELECT {VERSION_COLUMNS} FROM artifacts "
                f"WHERE repository = {literal(repository)} AND {one_of('run', part)}"
            )

    def _follow_import(self, repository: str, row: Found, own: Sequence[Found], hops: int) -> None:
        path, source = str(row["path"] or ""), row["source_repository"]
        if source is None:
            self._note(repository, own, f"it imports `{path}` from a path on a disk")
            return
        versions = self.history.versions(source, path)
        if is_digest(path) or (not versions and self._redacts(source)):
            self._follow_redacted(repository, row, own, hops)
            return
        hashes = {out["hash"] for out in own if out["hash"] is not None}
        kind: JoinKind = "import"
        runs = {v["run"] for v in versions if v["path"] == path and v["hash"] in hashes}
        if not runs:
            ordinal = self.history.ordinal(source, row["rev_lock"])
            if ordinal is None:
                rev = str(row["rev_lock"] or "?")[:10]
                reason = (
                    f"it imports `{path}` of `{source}` at `{rev}`: the tables have neither this "
                    "version nor a run of that commit"
                )
                self._note(repository, own, reason)
                return
            kind = "revision"
            then = last_of_each(v for v in versions if v["ordinal"] <= ordinal)
            runs = {v["run"] for v in then.values()}
        self._join(repository, own, source, path, row["rev_lock"], kind, hops, runs)

    def _redacts(self, source: str) -> bool:
        return any(is_digest(str(v["path"])) for v in self.history.versions(source, ""))

    def _follow_redacted(
        self, repository: str, row: Found, own: Sequence[Found], hops: int
    ) -> None:
        """Find the runs in the source that made the same content, at a path that may be it."""
        source, path = str(row["source_repository"]), str(row["path"] or "")
        hashes = {out["hash"] for out in own if out["hash"] is not None}
        runs = {
            v["run"]
            for v in self.history.versions(source, "")
            if v["hash"] in hashes and (is_digest(path) or is_digest(str(v["path"])))
        }
        if runs:
            self._join(repository, own, source, path, row["rev_lock"], "import", hops, runs)
        else:
            self._note(repository, own, redacted_reason(source, path))

    def _follow_content(self, repository: str, rows: Sequence[Found], hops: int) -> None:
        """Find the runs elsewhere that made the same content."""
        by_hash = {str(row["hash"]): row for row in rows if row["hash"] and not is_tiny(row)}
        for part in in_parts(by_hash):
            for out in self.engine.rows(
                f"SELECT {VERSION_COLUMNS} FROM artifacts "
                f"WHERE {one_of('hash', part)} AND kind = 'stage'"
            ):
                if out["repository"] != repository:
                    own = [by_hash[out["hash"]]]
                    where = out["repository"], out["path"], None
                    self._join(repository, own, *where, "content", hops, {out["run"]})

    def _join(
        self,
        repository: str,
        own: Sequence[Found],
        source: str,
        path: str,
        rev_lock: str | None,
        kind: JoinKind,
        hops: int,
        runs: set[str],
    ) -> None:
        certain = kind != "content"
        for out in own:
            join = RepositoryJoin(
                kind,
                repository,
                out["path"],
                out["hash"],
                source,
                path,
                rev_lock,
                certain,
                hops + 1,
            )
            self.joins.add(join)
        new = {run for run in runs if (source, run) not in self.entered}
        for out in self._outs(source, new):
            key = source, out["path"], out["hash"], out["run"]
            if out["hash"] in {item["hash"] for item in own} or kind == "revision":
                used: Literal["data", "import"] = "import" if out["kind"] == "import" else "data"
                self.found.setdefault(
                    key,
                    TracedInput(source, out["path"], out["hash"], used, 0, hops + 1, None, None),
                )
        if new:
            self.ahead.append((source, new, hops + 1))

    def _note(self, repository: str, own: Sequence[Found], reason: str) -> None:
        path = str(own[0]["path"]) if own else "imports"
        self.unknowns.add(OrganizationUnknown(repository, path, reason))

    def follow(self) -> None:
        """Enter the repositories that were joined, the nearest first."""
        while self.ahead:
            repository, runs, hops = self.ahead.pop(0)
            new = {run for run in runs if (repository, run) not in self.entered}
            if new:
                self.enter(repository, new, hops)

    def traced(self) -> list[TracedInput]:
        """Return the inputs with the runs that made them, the nearest first."""
        producers = self._producers()
        found = [
            TracedInput(
                item.repository,
                item.path,
                item.hash,
                item.kind,
                item.distance,
                item.hops,
                *_producer(producers.get((item.repository, key[3] or ""))),
            )
            for key, item in self.found.items()
        ]
        return sorted(
            found,
            key=lambda item: (
                item.hops,
                item.repository,
                item.distance,
                item.path,
                item.hash or "",
                item.stage or "",
            ),
        )

    def _producers(self) -> Mapping[tuple[str, str], Found]:
        runs: dict[str, set[str]] = {}
        for repository, _, _, run in self.found:
            if run is not None:
                runs.setdefault(repository, set()).add(run)
        found: dict[tuple[str, str], Found] = {}
        for repository, items in sorted(runs.items()):
            here = literal(repository)
            for part in in_parts(items):
                for row in self.engine.rows(
                    "SELECT r.run, r.stage, r.commit, c.date, c.author, c.pull_request FROM runs r "
                    "LEFT JOIN commits c ON r.repository = c.repository AND r.commit = c.commit "
                    f"WHERE r.repository = {here} AND {one_of('r.run', part)}"
                ):
                    found[repository, str(row["run"])] = row
        return found


def _producer(row: Found | None) -> tuple[Any, Any]:
    return (None, None) if row is None else (row["stage"], recorded_in(row))
