"""An index that is interrupted at each step, several writers of one part, a full disk."""

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from functools import partial

import pytest

from lineage_diff.app.organization import index as index_module
from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from lineage_diff.organization.address import StoreAddress
from lineage_diff.organization.delta import DeltaStore, VisibleGenerations
from lineage_diff.organization.parts import Generation
from lineage_diff.organization.tables.schema import Row
from tests.organization.conftest import seen
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.projects import run


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("faults"))


def index(repo: AuditRepo, store: DeltaStore, name: str) -> None:
    index_repository(open_history(repo.path), store, rev=repo.commits[name])


class KilledError(BaseException):
    """The process ends here."""


class KilledStore(DeltaStore):
    """A store whose writer is killed before its step with a number."""

    def __init__(self, address: StoreAddress, step: int) -> None:
        super().__init__(address)
        self.left = step

    def _step(self, do: Callable[[], None]) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError
        do()

    def write(self, name: str, repository: str, generation: str, rows: Iterable[Row]) -> None:
        kept = list(rows)
        self._step(lambda: super(KilledStore, self).write(name, repository, generation, kept))

    def merge(self, name: str, repository: str, old: Collection[str], new: str) -> None:
        self._step(lambda: super(KilledStore, self).merge(name, repository, old, new))

    def delete(self, name: str, repository: str, generations: Iterable[str]) -> None:
        self._step(lambda: super(KilledStore, self).delete(name, repository, generations))

    def publish(
        self, seen: VisibleGenerations, repository: str, items: Iterable[Generation]
    ) -> None:
        self._step(lambda: super(KilledStore, self).publish(seen, repository, items))


# Enough to tell the old part from the new one, and to find a part that is neither.
LOOKED_AT = ("repositories", "runs", "models", "made_from")


def test_killed_at_any_step_the_part_is_the_old_or_the_new_one(
    past: AuditRepo,
    store: DeltaStore,
    new_store: Callable[[], DeltaStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "MOST_GENERATIONS", 1)
    other = new_store()
    other.create()
    index(past, other, "retrained")
    index(past, store, "bad data")
    old, new = seen(store, LOOKED_AT), seen(other, LOOKED_AT)
    steps, is_new = 0, False
    while not is_new:
        steps += 1
        with pytest.raises(KilledError):
            index(past, KilledStore(store.address, steps), "retrained")
        is_new = seen(store, LOOKED_AT) != old
        assert not is_new or seen(store, LOOKED_AT) == new, steps
    # Killed while it deleted what earlier ones had left: there was much.
    assert steps > 15
    assert seen(store) == seen(other)


class OvertakenStore(DeltaStore):
    """A store in which another writer of the same part comes first, some times."""

    def __init__(self, address: StoreAddress, others: list[Callable[[], None]]) -> None:
        super().__init__(address)
        self.others = others

    def publish(
        self, seen: VisibleGenerations, repository: str, items: Iterable[Generation]
    ) -> None:
        if self.others:
            self.others.pop(0)()
        super().publish(seen, repository, items)


def test_a_writer_that_was_overtaken_tries_again(past: AuditRepo, store: DeltaStore) -> None:
    others: list[Callable[[], None]] = [
        lambda: index(past, store, "first"),
        lambda: index(past, store, "bad data"),
        lambda: index(past, store, "good data"),
    ]
    index(past, OvertakenStore(store.address, others), "retrained")
    assert others == []
    (row,) = store.query(
        "SELECT count(*) AS n, count(DISTINCT run) AS d FROM (SELECT r.run FROM "
        "runs r JOIN generations g USING (generation))",
        "runs",
        "generations",
    )
    assert (row["n"], row["d"]) == (7, 7)
    (head,) = {item.head for item in store.visible(_key(store)).items if item.kind == "head"}
    assert head == past.commits["retrained"]


def _key(store: DeltaStore) -> str:
    rows = store.query("SELECT DISTINCT repository FROM generations", "generations")
    return str(next(iter(rows))["repository"])


def test_writers_that_are_always_overtaken_say_so(
    past: AuditRepo, store: DeltaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "uniform", lambda *_: 0.0)
    names = ["first", "bad data"] * 3
    others: list[Callable[[], None]] = [partial(index, past, store, name) for name in names]
    with pytest.raises(Exception, match="other writers changed the part of this repository"):
        index(past, OvertakenStore(store.address, others), "retrained")


def test_many_processes_of_one_part(past: AuditRepo, store: DeltaStore) -> None:
    command = [sys.executable, "-m", "lineage_diff", "index", "--to", store.address.url]
    started = [
        subprocess.Popen(command, cwd=past.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, b"")
    (row,) = store.query(
        "SELECT count(*) AS n FROM runs JOIN generations USING (generation)", "runs", "generations"
    )
    assert row["n"] == 8


def test_a_full_disk_is_an_error_and_nothing_is_lost(past: AuditRepo, store: DeltaStore) -> None:
    index(past, store, "first")
    before = seen(store)

    def fill() -> None:
        # As on a full disk, no byte more can be written to a file.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))

    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff", "index", "--to", store.address.url],
        cwd=past.path,
        preexec_fn=fill,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be read or written" in done.stderr
    # The library has its say before.
    assert done.stderr.splitlines()[-1].startswith("lineage-diff: error: ")
    assert seen(store) == before
    assert run("index", "--to", store.address.url, cwd=past.path).returncode == 0
