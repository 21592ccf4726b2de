"""GitHub fails at each request of a run in turn: the verdict stands, what is missing is said."""

import pytest

from lineage_diff.publish.client import connect
from tests.action.payloads import HOME
from tests.action.scene import Scene
from tests.support.github import EVERY_FAULT, Fault, pull_request_event


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_a_fault_at_every_request(
    scene: Scene, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect.__kwdefaults__
    monkeypatch.setitem(connect.__kwdefaults__, "sleep", lambda seconds: None)
    # The pictures' own faults are tested where they are made.
    scene.runner.inputs = {"graph": "none"}

    def look(number: int) -> tuple[int, str]:
        pull = scene.github.state.pulls.get((HOME, number)) or scene.github.state.add_pull(
            HOME, head_sha=scene.head, base_sha=scene.base, number=number
        )
        done = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
        assert (done.code, done.outputs["conclusion"]) == (1, "failure")
        return len(scene.github.state.comments_of(HOME, number)), done.log

    first = look(100)
    assert first[0] == 1, first[1]
    needed = len(scene.github.log)
    assert needed > 3
    for nth in range(1, needed + 1):
        checks = len(scene.github.state.check_runs)
        scene.github.faults.at(len(scene.github.log) + nth, fault)
        comments, log = look(100 + nth)
        assert comments <= 1
        if not comments or len(scene.github.state.check_runs) == checks:
            assert "::warning::" in log
        assert look(100 + nth)[0] == 1
        (comment,) = scene.github.state.comments_of(HOME, 100 + nth)
        assert comment.body.rstrip().endswith("</sub>")
