"""Which tests one worker runs, and in which order the workers take them."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.tiers import TIERS

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

# Folders whose tests share what is made once: images, a server, the real repositories.
TOGETHER = ("container", "mlflow", "oracle")


def group_of(nodeid: str) -> str:
    """Return the group of a test by its id: its folder's, or that of its file."""
    path = PurePosixPath(nodeid.partition("::")[0])
    folder = path.parts[1] if path.parts[0] == "tests" and len(path.parts) > 2 else ""
    return folder if folder in TOGETHER else path.as_posix()


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with whole folders first, then files with a tier, then the quick ones.

    What takes long is begun first, so that no worker waits for the other at the end.
    """
    tiered = {
        group_of(item.nodeid)
        for item in items
        if any(item.get_closest_marker(name) for name in TIERS)
    }

    def rank(item: pytest.Item) -> int:
        group = group_of(item.nodeid)
        return TOGETHER.index(group) if group in TOGETHER else 8 if group in tiered else 9

    return sorted(items, key=rank)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker one group after the other, in the order of the tests.

    xdist's own `loadgroup` writes a group into the id of a test, which pytest 9.2 does not let it.
    """

    def __init__(self, config: pytest.Config, log: "Producer") -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def mark_test_complete(
        self, node: "WorkerController", item_index: int, duration: float = 0
    ) -> None:
        super().mark_test_complete(node, item_index, duration)
        work = self.assigned_work[node]
        group = self._split_scope(self.registered_collections[node][item_index])
        # Else all that ever ran is counted again after each test.
        if all(work[group].values()):
            del work[group]
