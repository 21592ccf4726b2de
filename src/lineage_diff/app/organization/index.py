"""Index one repository: write the rows of its new commits, or of its whole history."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from random import uniform
from uuid import uuid4

from funcy import retry
from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.export.facts import (
    BLOCKS,
    HistoryHead,
    head_facts,
    past_facts,
    read_head,
    repository_of,
)
from lineage_diff.app.opened import Opened, find_commit, open_commit, policy_files
from lineage_diff.app.organization.stored import StoredHistory, read_history, resumed_ledger
from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.recent_ledger import RecentLedger, RunsInForce
from lineage_diff.catalog.runs import metrics_in_git
from lineage_diff.config.loader import read_policy
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.model_registry import read_registry_tags
from lineage_diff.errors import InputError, NoDvcError
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.history import Point
from lineage_diff.organization.delta import DeltaStore, PartConflictError, each_table
from lineage_diff.organization.parts import (
    MOST_GENERATIONS,
    Generation,
    Step,
    StoredGenerations,
    digest_of,
    stored_generations,
)
from lineage_diff.organization.redaction import redacted_facts
from lineage_diff.organization.rows import Rows, StoredPart, table_rows
from lineage_diff.organization.tables.all_tables import SCHEMA_VERSION, TABLES
from lineage_diff.organization.tables.head_tables import GENERATIONS
from lineage_diff.organization.tables.schema import PartKind, Row
from lineage_diff.parsing.yaml_loader import collection_paused

# Other writers of one part are few: they are the jobs of one repository.
_TRIES = 6


class Indexed(Struct, frozen=True):
    """The result: the key of the repository, what was read of it, and how many runs were added.

    `head` is the indexed commit.
    """

    repository: str
    step: Step
    runs: int
    head: str


def index_repository(
    history: HistoryReader, store: DeltaStore, config: str | None = None, rev: str | None = None
) -> Indexed:
    """Write the part of a repository up to a commit, and make it visible.

    Without `rev`, it is the checked-out commit.

    Readers see the part as it was, or all of the new one. If another writer of the same part comes
    first, the new part is made again. Raises `InputError`.
    """

    @retry(_TRIES, PartConflictError, timeout=_pause)  # type: ignore[untyped-decorator]
    def index() -> Indexed:
        try:
            opened = open_commit(history, rev, config)
        except NoDvcError:
            _withdraw_head(history, store, config, rev)
            raise
        return _index(opened, store)

    try:
        found: Indexed = index()
    except PartConflictError as error:
        raise InputError(
            f"other writers changed the part of this repository {_TRIES} times",
            hint="Index one repository in one job at a time.",
        ) from error
    return found


def _withdraw_head(
    history: HistoryReader, store: DeltaStore, config: str | None, rev: str | None
) -> None:
    """Leave no models of a repository whose project was removed; its history stays."""
    repository, name = history.repository, "HEAD" if rev is None else rev
    commit = find_commit(repository, name, config)
    policy = read_policy(policy_files(repository, commit, config), config)
    reader = LineageReader(repository, policy.limits)
    key = repository_of(Opened(history, reader, name, commit, config, policy))
    seen = store.visible(key)
    stored = stored_generations(seen.items)
    if stored.head is not None and stored.history:
        store.publish(seen, key, stored.history)


def _pause(attempt: int) -> float:
    """Return seconds to wait, at random, so that two writers do not meet again."""
    return uniform(0.1, 0.5) * 2.0**attempt  # noqa: S311  # no secret


def _index(opened: Opened, store: DeltaStore) -> Indexed:
    repository = repository_of(opened)
    seen = store.visible(repository)
    stored = stored_generations(seen.items)
    settings = _head_settings(opened, is_cut=opened.repository.is_shallow)
    head = stored.head
    known = {settings}
    if opened.repository.is_shallow:
        # It gives nothing that a whole clone has not given.
        known.add(_head_settings(opened, is_cut=False))
    if head is not None and head.head == opened.commit and head.settings in known:
        return Indexed(repository, "same", 0, opened.commit)
    if not stored.history:
        # Git lists it in the meantime.
        opened.history.prefetch_whole(opened.commit)
    kept = frozenset() if opened.policy.redact else stored.ids
    with ThreadPoolExecutor(1) as pool, collection_paused():
        # The storage answers while the history is read.
        leftovers = pool.submit(_leftovers, store, repository, kept)
        plan = _plan(read_head(opened), store, repository, stored)
        rows = table_rows(plan.facts, plan.stored, plan.runs.in_force)
        # They must not have the rows of this write.
        old = leftovers.result()
        written = _write(store, repository, rows, plan, settings)
    store.publish(seen, repository, written)
    _clean(store, repository, old)
    runs = len(rows["history"].get("runs", ()))
    return Indexed(repository, "new" if plan.before else "whole", runs, opened.commit)


class _Plan(Struct, frozen=True):
    """The facts to write, after the ones that are `stored` in the generations `before`.

    `runs` are those in force, as the facts are read. `is_cut`: the stored history, with these,
    begins where a clone was shallow.
    """

    head: HistoryHead
    facts: Iterable[Fact]
    runs: RunsInForce
    stored: StoredPart
    before: tuple[Generation, ...]
    paths: frozenset[str]
    is_cut: bool


def _plan(
    head: HistoryHead, store: DeltaStore, repository: str, stored: StoredGenerations
) -> _Plan:
    resumed = _resume(head, store, repository, stored)
    if resumed is not None:
        history, points, ledger, runs, is_cut = resumed
        facts = chain(head_facts(head), past_facts(head, runs.follow(points), ledger))
        paths = frozenset(history.versions)
        return _Plan(head, facts, runs, history.part, stored.history, paths, is_cut)
    runs = RunsInForce(repository)
    points = head.opened.history.points(head.opened.commit, BLOCKS)()
    whole: Iterable[Fact] = chain(head_facts(head), past_facts(head, runs.follow(points)))
    globs = head.opened.policy.redact
    kept = redacted_facts(whole, globs) if globs else whole
    is_cut = head.opened.repository.is_shallow
    return _Plan(head, kept, runs, StoredPart(), (), frozenset(), is_cut)


def _resume(
    head: HistoryHead, store: DeltaStore, repository: str, stored: StoredGenerations
) -> tuple[StoredHistory, Iterator[Point], RecentLedger, RunsInForce, bool] | None:
    """Return the stored history, and the points after it; `None` if all must be read anew.

    The last value says whether the stored history begins where a clone was shallow.
    """
    # Of redacted names nothing says which they were.
    if not stored.history or head.opened.policy.redact:
        return None
    base, past = stored.history[-1].head, head.opened.history
    if not past.is_first_parent(base, head.opened.commit):
        return None
    history = read_history(store, repository, stored)
    is_cut = stored.settings == _settings(head, history.versions, is_cut=True)
    if not is_cut and stored.settings != _settings(head, history.versions, is_cut=False):
        return None
    # What the tables lack is in this clone.
    if is_cut and not head.opened.repository.is_shallow:
        return None
    points = past.points_after(head.opened.commit, base, BLOCKS)
    first = next(points)
    ledger = resumed_ledger(history, first, head.past.links)
    if ledger is None:
        return None
    runs = RunsInForce(repository)
    runs.resume(first, history.runs)
    return history, points, ledger, runs, is_cut


def _settings(head: HistoryHead, paths: Iterable[str], *, is_cut: bool) -> str:
    """Return a digest of all that the rows of a history depend on besides its commits."""
    folders = {model.made.out.path for model in head.commit.models.values() if model.made}
    known = frozenset(paths)
    return digest_of(
        __version__,
        SCHEMA_VERSION,
        sorted(head.past.links.items()),
        sorted(path for path in known if head.past.is_model(path) or path in folders),
        sorted(metrics_in_git(head.commit) & known),
        head.opened.policy.redact,
        is_cut,
    )


def _head_settings(opened: Opened, *, is_cut: bool) -> str:
    """Return a digest of all that the rows of a head depend on besides its commit."""
    tags = read_registry_tags(opened.repository)
    # `--config` names another policy of the same commit.
    return digest_of(
        __version__, SCHEMA_VERSION, [repr(tag) for tag in tags], opened.policy, is_cut
    )


def _write(
    store: DeltaStore, repository: str, rows: Rows, plan: _Plan, settings: str
) -> list[Generation]:
    """Write the rows under new ids, and return the generations of the new part."""
    history, new = list(plan.before), list[Generation]()
    if rows["history"] or not history:
        known = _paths_of(rows) | plan.paths
        base = history[-1].head if history else None
        new.append(
            _generation(
                "history", plan, base, rows, _settings(plan.head, known, is_cut=plan.is_cut)
            )
        )
        history += new
    head = _generation("head", plan, None, rows, settings)
    _write_tables(store, repository, [*new, head], rows)
    if len(history) > MOST_GENERATIONS:
        history = [_merged(store, repository, history)]
    return [*history, head]


def _generation(
    kind: PartKind, plan: _Plan, base: str | None, rows: Rows, settings: str
) -> Generation:
    return Generation(
        _new_id(),
        kind,
        plan.head.opened.commit,
        base,
        len(rows[kind].get("runs", ())),
        settings,
        SCHEMA_VERSION,
        __version__,
        datetime.now(UTC),
    )


def _new_id() -> str:
    """Return an id that no other write has, not even one of the same rows.

    A write that was given up may be deleted at any time, so its id must not come again.
    """
    return uuid4().hex


def _write_tables(
    store: DeltaStore, repository: str, items: Sequence[Generation], rows: Rows
) -> None:
    found: dict[str, list[tuple[str, list[Row]]]] = {}
    for item in items:
        for name, of_table in rows[item.kind].items():
            found.setdefault(name, []).append((item.generation, of_table))

    def write(name: str) -> None:
        # Two writes to one table at a time would conflict.
        for generation, of_table in found[name]:
            store.write(name, repository, generation, of_table)

    # The largest first, so that the others are written beside it.
    each_table(write, sorted(found, key=lambda name: -sum(len(item[1]) for item in found[name])))


def _merged(store: DeltaStore, repository: str, history: list[Generation]) -> Generation:
    """Write the history of a part once more, as one generation."""
    new, old = _new_id(), [item.generation for item in history]
    each_table(
        lambda name: store.merge(name, repository, old, new),
        [name for name, table in TABLES.items() if table.kind == "history"],
    )
    runs = sum(item.runs for item in history)
    return replace(history[-1], generation=new, base=None, runs=runs)


def _paths_of(rows: Rows) -> frozenset[str]:
    path = [column.name for column in TABLES["artifacts"].columns].index("path")
    return frozenset(str(row[path]) for row in rows["history"].get("artifacts", ()))


def _leftovers(
    store: DeltaStore, repository: str, visible: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    """Return, by table, the generations of a part except the `visible` ones.

    They are looked up before the new part becomes visible: a writer of one of them cannot make it
    visible any more afterwards.
    """
    names = [name for name in TABLES if name != GENERATIONS.name]
    found = each_table(lambda name: store.generations_in(name, repository) - visible, names)
    return {name: ids for name, ids in zip(names, found, strict=True) if ids}


def _clean(store: DeltaStore, repository: str, old: Mapping[str, frozenset[str]]) -> None:
    """Delete generations that are not visible. What is left is deleted by the next index."""

    def delete(name: str) -> None:
        with suppress(InputError, PartConflictError):
            store.delete(name, repository, old[name])

    each_table(delete, list(old))
