"""One worker runs all tests of a group, and the groups that take long come first."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.groups import GroupScheduling, group_of, in_order

QUICK = ["tests/diff/test_b.py::test_one", "tests/diff/test_b.py::test_two[x::y]"]
TABLES = ["tests/organization/test_a.py::test_one"]
IMAGE = ["tests/container/test_a.py::test_one", "tests/container/test_b.py::test_two"]


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        (QUICK[1], "tests/diff/test_b.py"),
        ("tests/test_cli.py::test_one[tests/mlflow/test_a.py::x]", "tests/test_cli.py"),
        (IMAGE[0], "container"),
        ("tests/mlflow/test_ask.py::test_one", "mlflow"),
        ("tests/oracle/test_plots.py::test_one[plain]", "oracle"),
        ("docs/container/test_a.py::test_one", "docs/container/test_a.py"),
    ],
)
def test_a_test_is_in_the_group_of_its_folder_or_file(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


@dataclass(frozen=True)
class Collected:
    nodeid: str
    tier: str = ""

    def get_closest_marker(self, name: str) -> bool:
        return name == self.tier


def test_what_takes_long_is_begun_first_and_a_file_stays_whole() -> None:
    mixed = "tests/diff/test_c.py::test_"
    items: list[Any] = [
        Collected(QUICK[0]),
        Collected(f"{mixed}plain"),
        Collected(TABLES[0], "tables"),
        Collected(f"{mixed}real", "dvc"),
        Collected(IMAGE[0], "container"),
        Collected(QUICK[1]),
    ]
    assert [item.nodeid for item in in_order(items)] == [
        *IMAGE[:1],
        f"{mixed}plain",
        *TABLES,
        f"{mixed}real",
        *QUICK,
    ]


@dataclass(eq=False)
class Worker:
    """Notes the tests that it is given, and whether it was told to end."""

    given: list[int] = field(default_factory=list)
    shutting_down: bool = False
    gateway: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(id="a worker"))

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_a_worker_is_given_whole_groups_until_none_is_left(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "tx", ["2*popen"])
    monkeypatch.setattr(pytestconfig.option, "loadscopereorder", True)
    alone = [f"tests/git/test_{name}.py::test_one" for name in "abcd"]
    ids = [*IMAGE, "tests/container/test_b.py::test_three", *TABLES, *QUICK, *alone]
    workers: list[Any] = [Worker(), Worker()]
    scheduling = GroupScheduling(pytestconfig, _silent)
    for worker in workers:
        scheduling.add_node(worker)
        scheduling.add_node_collection(worker, ids)
    scheduling.schedule()
    # The first has a group of three to do; the second one of one, and then one of two.
    assert [worker.given for worker in workers] == [[0, 1, 2], [3, 4, 5]]
    scheduling.mark_test_complete(workers[1], workers[1].given.pop(0))
    assert workers[1].given == [4, 5, 6]
    while any(worker.given for worker in workers):
        for worker in workers:
            if worker.given:
                scheduling.mark_test_complete(worker, worker.given.pop(0))
    assert scheduling.tests_finished
    assert not any(scheduling.assigned_work.values())
    assert all(worker.shutting_down for worker in workers)


class _Silent:
    def __call__(self, *_: object) -> None:
        pass

    def __getattr__(self, _: str) -> "_Silent":
        return self


_silent: Any = _Silent()
