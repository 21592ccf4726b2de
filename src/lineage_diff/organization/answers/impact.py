"""The models of all repositories that were made from some data.

Within a repository, `made_from` has the answer. Between repositories, the affected outs are joined
with the versions of others, hop by hop, until nothing new is reached. A version is entered once,
so repositories that import from each other end the search.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.organization.answers.engine import Engine, Found, in_parts, literal, one_of
from lineage_diff.organization.answers.joins import (
    AffectedOuts,
    Joined,
    SourceHistory,
    content_joins,
    exact_joins,
    is_tiny,
)
from lineage_diff.organization.answers.registered import registered_uses
from lineage_diff.organization.answers.rows import recorded_in
from lineage_diff.organization.answers.subject import DataQuestion, unknown_hash, unknown_path
from lineage_diff.organization.answers.walk import OUT_COLUMNS, WALKED_RUNS, outs_of, walk_from
from lineage_diff.report.organization.answers import (
    AffectedModel,
    AffectedVersion,
    OrganizationImpact,
    OrganizationUnknown,
    Place,
    RepositoryJoin,
)

HOPS = 30
"""Joins in a row between repositories: no organization passes data on so often."""

# Joins that hold in both directions: back to where a search came from, they say nothing new.
_BOTH_WAYS = ("address", "content")
_ORDINALS = 5_000
PLACES = 1_000
"""Places of the data in one answer: more would not be read."""


class _Hit(Struct, frozen=True):
    """How a run was reached: joins in a row, all of them exact, and runs of its repository."""

    hops: int
    certain: bool
    distance: int | None = None

    @property
    def order(self) -> tuple[bool, int, int]:
        """The better one is first: certain, then near."""
        return not self.certain, self.hops, self.distance if self.distance is not None else 1 << 30


class _Search:
    """The state of one search over all repositories."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.history = SourceHistory(engine)
        self.runs: dict[str, frozenset[str]] = {}
        self.entered: set[tuple[str, str]] = set()
        self.models: dict[tuple[str, str, str], _Hit] = {}
        self.joins: dict[tuple[Any, ...], RepositoryJoin] = {}
        self.unknowns: set[OrganizationUnknown] = set()

    def start(self, question: DataQuestion) -> list[AffectedOuts]:
        """Take the data itself and all that was made from it in its repositories."""
        here = _Hit(0, True)
        self._take_models(question.condition, here)
        first: dict[str, set[str]] = {}
        for row in self.engine.rows(
            f"SELECT DISTINCT repository, run FROM edges WHERE {question.condition}"
        ):
            first.setdefault(str(row["repository"]), set()).add(str(row["run"]))
        own = list(self.engine.rows(f"SELECT {OUT_COLUMNS} WHERE {question.out_condition}"))
        for row in own:
            self.entered.add((row["repository"], row["run"]))
        if question.hashes:
            for repository, run in self._users_of_parts(own):
                first.setdefault(repository, set()).add(run)
        outs = self._walk(first, here, own)
        if question.any_of and question.repository is not None:
            outs = _with_paths(outs, question.repository, question.any_of)
        return outs

    def _users_of_parts(self, own: Sequence[Found]) -> Iterator[tuple[str, str]]:
        """Yield the runs that used a part of a folder that is the data."""
        folders = [row for row in own if str(row["hash"]).endswith(".dir")]
        for repository in sorted({str(row["repository"]) for row in folders}):
            here = [row for row in folders if row["repository"] == repository]
            for part in in_parts(str(row["run"]) for row in here):
                for row in self.engine.rows(
                    "SELECT DISTINCT run FROM edges "
                    f"WHERE repository = {literal(repository)} AND {one_of('made_by', part)} "
                    f"AND {one_of('out_hash', sorted({str(row['hash']) for row in here}))}"
                ):
                    yield repository, str(row["run"])

    def follow(self, outs: list[AffectedOuts]) -> None:
        """Join until nothing new is reached: by exact joins first, then by equal content."""
        all_outs = list(outs)
        while outs:
            if max(item.hops for item in outs) >= HOPS:
                self._note(f"more than {HOPS} joins follow each other: the rest is left out")
                return
            found = exact_joins(self.engine, self.history, outs)
            self.unknowns.update(found.unknowns)
            outs = self._enter(found.joined)
            if not outs:
                outs = self._enter(content_joins(self.engine, all_outs))
                all_outs = []
            all_outs += outs

    def _enter(self, joined: Iterable[Joined]) -> list[AffectedOuts]:
        """Take the versions that joins reach, and return the outs that are affected by them."""
        runs: dict[tuple[str, _Hit], set[str]] = {}
        contents: list[Joined] = []
        for item in joined:
            join = item.join
            is_known = item.run is not None and (join.repository, item.run) in self.entered
            if is_known and join.kind in _BOTH_WAYS:
                continue
            key = (join.repository, join.path, join.hash, join.source_repository, join.source_path)
            self.joins.setdefault((*key, join.rev_lock), join)
            if join.kind == "content":
                contents.append(item)
            elif item.run is not None and not is_known:
                hit = _Hit(join.hops, item.certain)
                runs.setdefault((join.repository, hit), set()).add(item.run)
        outs: list[AffectedOuts] = []
        for (repository, hit), items in sorted(runs.items(), key=lambda item: item[0][0]):
            outs += self._enter_runs(repository, items, hit)
        for join in {
            item.join.repository + str(item.join.hash): item.join for item in contents
        }.values():
            outs += self._enter_content(join)
        return outs

    def _enter_runs(self, repository: str, runs: set[str], hit: _Hit) -> list[AffectedOuts]:
        """Take the outs of imports."""
        self.entered.update((repository, run) for run in runs)
        users: set[str] = set()
        for part in in_parts(runs):
            here = f"repository = {literal(repository)} AND {one_of('made_by', part)}"
            self._take_models(here, hit)
            users.update(self._runs_where(here))
        own = list(outs_of(self.engine, {repository: frozenset(runs)}))
        return self._walk({repository: users}, hit, own)

    def _enter_content(self, join: RepositoryJoin) -> list[AffectedOuts]:
        """Take what has the same content in one repository."""
        hit = _Hit(join.hops, False)
        here = f"repository = {literal(join.repository)} AND hash = {literal(str(join.hash))}"
        self._take_models(here, hit)
        own = list(self.engine.rows(f"SELECT {OUT_COLUMNS} WHERE {here}"))
        self.entered.update((row["repository"], row["run"]) for row in own)
        users = {run for _, run in self._users_of_parts(own)} | set(self._runs_where(here))
        return self._walk({join.repository: users}, hit, own)

    def _runs_where(self, condition: str) -> Iterator[str]:
        for row in self.engine.rows(f"SELECT DISTINCT run FROM edges WHERE {condition}"):
            yield str(row["run"])

    def _take_models(self, condition: str, hit: _Hit) -> None:
        for row in self.engine.rows(
            "SELECT repository, model, run, MIN(distance) AS distance FROM made_from "
            f"WHERE {condition} GROUP BY repository, model, run"
        ):
            found = _Hit(hit.hops, hit.certain, int(row["distance"]))
            self._take_model((row["repository"], row["model"], row["run"]), found)

    def _take_model(self, key: tuple[str, str, str], hit: _Hit) -> None:
        before = self.models.get(key)
        if before is None or hit.order < before.order:
            self.models[key] = hit

    def _walk(
        self, first: Mapping[str, Iterable[str]], hit: _Hit, own: Sequence[Found]
    ) -> list[AffectedOuts]:
        """Take all that was made from these runs' outs; return the new affected outs with `own`."""
        start = {name: frozenset(runs) for name, runs in first.items()}
        walk = walk_from(self.engine, start, self.runs)
        if walk.is_cut:
            self._note(f"more than {WALKED_RUNS:,} runs used it: not all of their outs are joined")
        found: dict[str, list[Found]] = {}
        for row in own:
            found.setdefault(str(row["repository"]), []).append(row)
        for row in outs_of(self.engine, walk.runs):
            found.setdefault(str(row["repository"]), []).append(row)
            if row["traced"] is False:
                # It has no rows in `made_from`.
                self._take_model((row["repository"], row["path"], row["run"]), hit)
        for name, runs in walk.runs.items():
            self.runs[name] = self.runs.get(name, frozenset()) | runs
            self.entered.update((name, run) for run in runs)
        return [
            AffectedOuts(name, tuple(rows), hit.hops, hit.certain)
            for name, rows in sorted(found.items())
        ]

    def _note(self, reason: str) -> None:
        self.unknowns.add(OrganizationUnknown(None, "joins", reason))


def _with_paths(
    outs: Sequence[AffectedOuts], repository: str, paths: tuple[str, ...]
) -> list[AffectedOuts]:
    others = [item for item in outs if item.repository != repository]
    rows = [row for item in outs if item.repository == repository for row in item.rows]
    return [*others, AffectedOuts(repository, rows, any_of=paths)]


class ImpactAnswer(Struct, frozen=True):
    """The answer, and what it cannot know."""

    impact: OrganizationImpact
    unknowns: tuple[OrganizationUnknown, ...]


def find_impact(engine: Engine, question: DataQuestion) -> ImpactAnswer:
    """Return the models made from the data.

    Raises `InputError` if a person named data that no run used, made or imported.
    """
    search = _Search(engine)
    outs = search.start(question)
    places = list(_places(engine, question))
    if not places and not search.models and not question.any_of:
        raise unknown_hash(question.text)
    if places and all(is_tiny(row) for row in places) and question.repository is None:
        reason = "the content is empty, tiny or of unknown size: that it is equal may be chance"
        search.unknowns.add(OrganizationUnknown(None, question.text, reason))
    search.follow(outs)
    if question.text and not (places or search.models or search.joins or search.unknowns):
        raise unknown_path(question)
    impact = OrganizationImpact(
        question.text,
        tuple(sorted({str(row["hash"]) for row in places if row["hash"] is not None})),
        tuple(_place(row) for row in places[:PLACES]),
        max(0, len(places) - PLACES),
        tuple(_models(engine, search.models)),
        tuple(sorted(search.joins.values(), key=_join_order)),
    )
    return ImpactAnswer(impact, tuple(search.unknowns))


def _join_order(join: RepositoryJoin) -> tuple[Any, ...]:
    return join.hops, join.repository, join.path, join.source_repository, str(join.hash)


def _places(engine: Engine, question: DataQuestion) -> Iterator[Found]:
    """Yield the outs that are the data, and the deps that no known run made, once each."""
    first = (
        "SELECT a.repository, a.path, a.hash, MAX(a.size) AS size, MIN(a.ordinal) AS ordinal "
        f"FROM artifacts a WHERE {question.out_condition} GROUP BY a.repository, a.path, a.hash"
    )
    outs = {(row["repository"], row["path"], row["hash"]): row for row in engine.rows(first)}
    commits = _commits_at(engine, outs.values())
    used = (
        "SELECT repository, path, hash, MAX(size) AS size FROM edges "
        f"WHERE {question.condition} AND made_by IS NULL GROUP BY repository, path, hash"
    )
    for row in engine.rows(used):
        outs.setdefault((row["repository"], row["path"], row["hash"]), row)
    for _, row in sorted(outs.items(), key=lambda item: tuple(map(str, item[0]))):
        yield {**row, **commits.get((row["repository"], row.get("ordinal")), {})}


def _commits_at(engine: Engine, rows: Iterable[Found]) -> Mapping[tuple[str, Any], Found]:
    wanted = {(str(row["repository"]), int(row["ordinal"])) for row in rows}
    found: dict[tuple[str, Any], Found] = {}
    ordinals = sorted({ordinal for _, ordinal in wanted})
    for part in in_parts(name for name, _ in wanted):
        # Some more commits than those wanted: a place is one of its repository.
        for start in range(0, len(ordinals), _ORDINALS):
            some = ", ".join(map(str, ordinals[start : start + _ORDINALS]))
            for row in engine.rows(
                "SELECT repository, commit, ordinal, date, author, pull_request FROM commits "
                f"WHERE {one_of('repository', part)} AND ordinal IN ({some})"
            ):
                found[row["repository"], row["ordinal"]] = row
    return found


def _place(row: Found) -> Place:
    made = recorded_in(row) if "commit" in row else None
    return Place(row["repository"], row["path"], row["hash"], row["size"], made)


def _models(engine: Engine, hits: Mapping[tuple[str, str, str], _Hit]) -> Iterator[AffectedModel]:
    """Yield each model with its versions from all runs that were hit."""
    runs: dict[tuple[str, str], dict[str, _Hit]] = {}
    for (repository, model, run), hit in hits.items():
        runs.setdefault((repository, model), {})[run] = hit
    if not runs:
        return
    versions = _versions(engine, runs)
    now = _models_now(engine, sorted({name for name, _ in runs}))
    uses = registered_uses(engine, sorted({name for name, _ in runs}))
    for (repository, model), found in sorted(runs.items()):
        best = min(found.values(), key=lambda hit: hit.order)
        current = now.get((repository, model))
        yield AffectedModel(
            repository,
            str(current["path"]) if current else model,
            current["name"] if current else None,
            current is not None,
            current["freshness"] if current else None,
            tuple(current["owners"] or ()) if current else (),
            tuple(_affected_versions(versions.get((repository, model), ()), found, uses)),
            best.hops,
            best.certain,
        )


def _versions(
    engine: Engine, models: Mapping[tuple[str, str], Mapping[str, _Hit]]
) -> Mapping[tuple[str, str], list[Found]]:
    """Return the versions of the models that were hit and those after them, the oldest first."""
    repositories = sorted({repository for repository, _ in models})
    runs = {run for hits in models.values() for run in hits}
    paths = sorted({path for _, path in models})
    found: dict[tuple[str, str], dict[str, Found]] = {}
    for part in in_parts(runs):
        for row in engine.rows(
            "SELECT * FROM (SELECT repository, path, hash, size, run, ordinal, commit, LAG(run) "
            "OVER (PARTITION BY repository, path ORDER BY ordinal) AS before FROM artifacts "
            f"WHERE {one_of('repository', repositories)} AND {one_of('path', paths)}) v "
            f"WHERE {one_of('run', part)} OR {one_of('before', part)}"
        ):
            found.setdefault((row["repository"], row["path"]), {})[row["run"]] = row
    commits = _commits(
        engine, repositories, [row for rows in found.values() for row in rows.values()]
    )
    return {
        key: sorted(
            ({**row, **commits.get((key[0], row["commit"]), {})} for row in rows.values()),
            key=lambda row: int(row["ordinal"]),
        )
        for key, rows in found.items()
    }


def _commits(
    engine: Engine, repositories: Sequence[str], rows: Iterable[Found]
) -> Mapping[tuple[str, str], Found]:
    found: dict[tuple[str, str], Found] = {}
    for part in in_parts(str(row["commit"]) for row in rows):
        for row in engine.rows(
            "SELECT repository, commit, date, author, pull_request FROM commits "
            f"WHERE {one_of('repository', repositories)} AND {one_of('commit', part)}"
        ):
            found[row["repository"], row["commit"]] = row
    return found


def _models_now(engine: Engine, repositories: Sequence[str]) -> Mapping[tuple[str, str], Found]:
    """Return the models of the indexed commits by their outs."""
    found: dict[tuple[str, str], Found] = {}
    for part in in_parts(repositories):
        for row in engine.rows(
            "SELECT repository, path, out, name, freshness, owners FROM models "
            f"WHERE {one_of('repository', part)} ORDER BY path DESC"
        ):
            found[row["repository"], row["out"] or row["path"]] = row
    return found


def _affected_versions(
    entries: Sequence[Found], hits: Mapping[str, _Hit], uses: Mapping[Any, Any]
) -> Iterator[AffectedVersion]:
    """Yield the versions that were hit, the newest first; runs that repeat one are one version."""
    found: list[tuple[Found, Found | None]] = []
    open_since: Found | None = None
    for entry in entries:
        is_hit = entry["run"] in hits
        if open_since is not None and (not is_hit or entry["hash"] != open_since["hash"]):
            found.append((open_since, entry))
            open_since = None
        if is_hit and open_since is None:
            open_since = entry
    if open_since is not None:
        found.append((open_since, None))
    for first, last in reversed(found):
        yield AffectedVersion(
            first["hash"],
            first["size"],
            recorded_in(first),
            recorded_in(last) if last is not None else None,
            hits[first["run"]].distance,
            uses.get((first["repository"], first["path"], first["hash"]), ()),
        )
