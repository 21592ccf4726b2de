"""Projects and the DVC process that several modules here ask."""

from collections.abc import Iterator

import pytest

from tests.freshness.made_params_cases import tuned as tuned
from tests.freshness.unseen_cases import unseen as unseen
from tests.freshness.usual_cases import project as project
from tests.support.dvc_repo import DvcShell


@pytest.fixture(scope="module")
def shell() -> Iterator[DvcShell]:
    """A process of the real DVC."""
    shell = DvcShell()
    yield shell
    shell.close()
