"""Follow the edges of repositories forward: the runs that used some data, and their outs."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff.organization.answers.engine import Engine, Found, in_parts, one_of

WALKED_RUNS = 200_000
"""Runs that one walk reaches: their outs take some hundred megabytes."""

OUT_COLUMNS = "repository, path, url, hash, size, run, commit, ordinal, kind, traced FROM artifacts"
"""The columns of an out that a walk reads, and their table."""

Runs = Mapping[str, frozenset[str]]
"""Runs by their repository."""


class Walk(Struct, frozen=True):
    """The runs reached, by repository; `is_cut` if there were more than `WALKED_RUNS`."""

    runs: Runs
    is_cut: bool


def walk_from(engine: Engine, first: Runs, known: Runs) -> Walk:
    """Return the `first` runs and all that used what they made, without those `known` before."""
    found = {name: set(runs - known.get(name, frozenset())) for name, runs in first.items()}
    ahead = {name: set(runs) for name, runs in found.items() if runs}
    reached = sum(map(len, found.values()))
    while ahead and reached <= WALKED_RUNS:
        users = _users(engine, ahead)
        ahead = {}
        for name, run in users:
            if run not in found[name] and run not in known.get(name, frozenset()):
                found[name].add(run)
                ahead.setdefault(name, set()).add(run)
                reached += 1
    runs = {name: frozenset(items) for name, items in found.items() if items}
    return Walk(runs, bool(ahead))


def _users(engine: Engine, made_by: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    repositories = one_of("repository", sorted(made_by))
    for part in in_parts(run for runs in made_by.values() for run in runs):
        for row in engine.rows(
            f"SELECT DISTINCT repository, run FROM edges WHERE {repositories} "
            f"AND {one_of('made_by', part)}"
        ):
            yield str(row["repository"]), str(row["run"])


def outs_of(engine: Engine, runs: Runs) -> Iterator[Found]:
    """Yield the outs of runs: rows of `artifacts`."""
    if not runs:
        return
    repositories = one_of("repository", sorted(runs))
    for part in in_parts(run for items in runs.values() for run in items):
        yield from engine.rows(
            f"SELECT {OUT_COLUMNS} WHERE {repositories} AND {one_of('run', part)}"
        )
