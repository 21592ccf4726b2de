"""GitHub fails at each request of a run in turn: the verdict stands, what is missing is said.

Every fault at every request, and what the next run makes of it: tests/publish/test_faults.py.
"""

import pytest

from lineage_diff.forge.github.client import connect
from tests.action.payloads import HOME
from tests.action.scene import Scene
from tests.support.github import CUT_AFTER, CUT_BEFORE, Fault, error, pull_request_event

FAULTS = (error(500), error(403), CUT_BEFORE, CUT_AFTER)


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_at_every_request(
    scene: Scene, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect.__kwdefaults__
    monkeypatch.setitem(connect.__kwdefaults__, "sleep", lambda seconds: None)
    scene.runner.inputs = {"graph": "none"}

    def look(number: int) -> tuple[int, int, str]:
        checks = len(scene.github.state.check_runs)
        pull = scene.github.state.add_pull(
            HOME, head_sha=scene.head, base_sha=scene.base, number=number
        )
        done = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
        assert (done.code, done.outputs["conclusion"]) == (1, "failure")
        comments = len(scene.github.state.comments_of(HOME, number))
        return comments, len(scene.github.state.check_runs) - checks, done.log

    assert look(100)[:2] == (1, 1)
    needed = len(scene.github.log)
    missing = 0
    for nth in range(1, needed + 1):
        scene.github.faults.at(len(scene.github.log) + nth, fault)
        comments, checks, log = look(100 + nth)
        assert (comments, checks) in ((1, 1), (0, 1), (1, 0))
        assert (comments + checks == 2) or "::warning::" in log
        missing += 2 - comments - checks
    assert bool(missing) == (fault == error(403))
