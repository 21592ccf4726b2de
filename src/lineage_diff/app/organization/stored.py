"""Read back what the tables hold of a repository, to go on from there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.catalog.facts import InputFact
from lineage_diff.catalog.identity import shown_path
from lineage_diff.catalog.recent_ledger import KEPT, RecentLedger
from lineage_diff.catalog.run_facts import MadeOut
from lineage_diff.lineage.history import Point
from lineage_diff.lineage.version import Hash, Version, hash_text
from lineage_diff.organization.answers.engine import one_of
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.organization.head_rows import MadeAt
from lineage_diff.organization.parts import StoredGenerations
from lineage_diff.organization.rows import StoredPart

_VERSIONS = """
SELECT path, hash, size, files, run, commit, stage, kind, ordinal FROM (
  SELECT *, row_number() OVER (PARTITION BY path ORDER BY ordinal DESC) AS place
  FROM artifacts WHERE {part}
) WHERE place <= {kept} ORDER BY path, ordinal
"""
_LAST = """
SELECT stage, run, ordinal FROM (
  SELECT *, row_number() OVER (PARTITION BY stage ORDER BY ordinal DESC) AS place
  FROM runs WHERE {part}
) WHERE place = 1 ORDER BY stage
"""
_USED = """
SELECT run, path, url, hash, kind, made_by, out, out_hash FROM edges WHERE {part}
"""
# Queries for the runs behind runs, one for each step back; then all edges are read.
_STEPS = 8
_ASKED = 2_000


class StoredHistory(Struct, frozen=True):
    """The stored history of a repository: the last versions of each path, the oldest first.

    `runs` are the last ones, by stage.
    """

    versions: Mapping[str, Sequence[MadeOut]]
    runs: Mapping[str, str]
    part: StoredPart


def read_history(store: DeltaStore, repository: str, stored: StoredGenerations) -> StoredHistory:
    """Read the stored history of a repository."""
    part = _part_of(repository, (item.generation for item in stored.history))
    rows = list(store.query(_VERSIONS.format(part=part, kept=KEPT), "artifacts"))
    versions: dict[str, list[MadeOut]] = {}
    made: dict[str, MadeAt] = {}
    for row in rows:
        versions.setdefault(row["path"], []).append(_made_out(row))
        made[row["path"]] = MadeAt(row["run"], row["commit"])
    last = list(store.query(_LAST.format(part=part), "runs"))
    commits = 1 + max((row["ordinal"] for row in last), default=-1)
    runs = {row["stage"]: row["run"] for row in last}
    used_behind = _used_behind(store, repository, part)
    return StoredHistory(versions, runs, StoredPart(commits, made, used_behind))


def resumed_ledger(
    history: StoredHistory, base: Point, links: Mapping[str, tuple[str, ...]]
) -> RecentLedger | None:
    """Return the outs in force at the base of new commits, with their last versions.

    `base` has all records in force there as new ones. Returns `None` if they are not those that
    are stored, or if a file cannot be read: then the whole history must be read.
    """
    if base.unreadable:
        return None
    ledger = RecentLedger(links)
    for record in base.new:
        for path in record.paths:
            versions = history.versions.get(shown_path(path), ())
            last = versions[-1] if versions else None
            if (
                last is None
                or last.stage != record.stage
                or hash_text(last.version) != hash_text(record.outs.get(path))
            ):
                return None
            ledger.resume(path, versions)
    return ledger


def _part_of(repository: str, generations: Iterable[str]) -> str:
    here = one_of("repository", (repository,))
    return f"{here} AND {one_of('generation', tuple(generations))}"


def _made_out(row: Mapping[str, Any]) -> MadeOut:
    algorithm, _, value = (row["hash"] or "").partition(":")
    found = Hash(algorithm, value) if row["hash"] is not None else None
    version = Version(found, row["size"], row["files"])
    return MadeOut(row["commit"], row["stage"], row["kind"], row["path"], version)


def _used_behind(
    store: DeltaStore, repository: str, part: str
) -> Callable[[frozenset[str]], Mapping[str, list[InputFact]]]:
    def read(sql: str) -> dict[str, list[InputFact]]:
        found: dict[str, list[InputFact]] = {}
        for row in store.query(sql, "edges"):
            fact = InputFact(repository=repository, size=None, files=None, **row)
            found.setdefault(fact.run, []).append(fact)
        return found

    def used_behind(runs: frozenset[str]) -> Mapping[str, list[InputFact]]:
        found: dict[str, list[InputFact]] = {}
        wanted = runs
        for _ in range(_STEPS):
            if not wanted or len(wanted) > _ASKED:
                break
            near = read(f"{_USED.format(part=part)} AND {one_of('run', sorted(wanted))}")
            # A run without inputs has no row.
            found |= {run: near.get(run, []) for run in wanted}
            made = {used.made_by for inputs in near.values() for used in inputs}
            wanted = frozenset(run for run in made if run is not None and run not in found)
        if wanted:
            rest = read(_USED.format(part=part))
            made = {used.made_by for inputs in rest.values() for used in inputs}
            found |= {run: rest.get(run, []) for run in {*rest, *made, *wanted} if run is not None}
        return found

    return used_behind
