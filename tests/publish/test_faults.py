"""Every request of a run fails once, in every way: what was there stays, or is replaced whole."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from lineage_diff.forge.github.check_runs import publish_check
from lineage_diff.forge.publication import Annotation, Check, Published
from tests.publish.conftest import CHECK, IMAGES, NAME, NEW, OLD, Place
from tests.support.github import CUT_AFTER, EVERY_FAULT, Fault, error

# Faults that pass, or that GitHub asks to wait out.
PASSING = ("500", "502", "503", "403 with Retry-After", "429 with Retry-After", "slow")


@dataclass(frozen=True)
class Was:
    """What there was before the run."""

    body: str | None


def before_the_run(place: Place, there: bool) -> Was:
    state = place.server.state
    state.comments.clear()
    state.reactions.clear()
    place.server.faults.clear()
    for ref in place.refs():
        state.repositories[NAME].store.git("update-ref", "-d", ref)
    place.push(OLD)
    if there:
        place.publish(OLD, images=IMAGES)
        place.push(NEW)
        return Was(place.bodies()[0])
    place.push(NEW)
    return Was(None)


def requests_of_a_run(place: Place, there: bool) -> int:
    before_the_run(place, there)
    before = len(place.server.log)
    place.publish(NEW, run=2, images=IMAGES)
    return len(place.server.log) - before


@pytest.mark.parametrize("there", [False, True], ids=["the first comment", "an update"])
@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_one_comment_or_the_old_one_whatever_fails_once(
    place: Place, there: bool, fault: Fault
) -> None:
    for number in range(1, requests_of_a_run(place, there) + 1):
        was = before_the_run(place, there)
        first = len(place.server.log)
        place.server.faults.at(first + number, fault)
        done = place.publish(NEW, run=2, images=IMAGES)
        assert [one for one in place.server.log[first:] if one.fault], number
        assert_one_or_the_old(place, was, done, number)
        unlocks = place.server.log[first + number - 1]
        if not (unlocks.method == "DELETE" and "/reactions/" in unlocks.path):
            assert not place.server.state.reactions, number
        if fault.name in PASSING:
            assert done.done in ("created", "updated"), (number, done)


@pytest.mark.parametrize("there", [False, True], ids=["the first comment", "an update"])
@pytest.mark.parametrize(
    "fault", [error(502), error(403), error(429, retry_after=60), CUT_AFTER], ids=lambda f: f.name
)
def test_the_old_comment_stays_where_everything_fails_from_some_request_on(
    place: Place, there: bool, fault: Fault
) -> None:
    for number in range(1, requests_of_a_run(place, there) + 1):
        was = before_the_run(place, there)
        place.server.faults.at(len(place.server.log) + number, fault, times=None)
        done = place.publish(NEW, run=2, images=IMAGES)
        assert_one_or_the_old(place, was, done, number)
        # The next run fixes what is left.
        place.server.faults.clear()
        place.server.state.pass_time(120)
        assert place.publish(NEW, run=3, images=IMAGES).done in ("created", "updated", "unchanged")
        assert len(place.bodies()) == 1
        assert NEW in place.bodies()[0]


def assert_one_or_the_old(place: Place, was: Was, done: Published, number: int) -> None:
    bodies = place.bodies()
    assert len(bodies) <= 1, (number, bodies)
    if bodies and bodies[0] != was.body:
        assert bodies[0].startswith(f"<!-- lineage-diff id=lineage-diff head={NEW} run=2.1 -->\n")
        assert bodies[0].endswith(("mermaid\n", "graph-light.png?raw=true\n")), number
    else:
        assert bodies == ([was.body] if was.body else []), number
        assert any(note.what == "comment" for note in done.notes), (number, done)


def check_of(annotations: int) -> Check:
    given = (
        Annotation("dvc.yaml", n + 1, "warning", "stale-model", f"Number {n}")
        for n in range(annotations)
    )
    return replace(CHECK, annotations=tuple(given))


@pytest.mark.parametrize("count", [0, 1, 50, 51, 120])
def test_every_annotation_is_there_once(place: Place, count: int) -> None:
    done = publish_check(place.github(), check_of(count))
    (run,) = place.server.state.check_runs_of(NAME, OLD)
    assert (done.done, done.notes) == ("created", ())
    assert [one["message"] for one in run.annotations] == [f"Number {n}" for n in range(count)]


@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: fault.name)
def test_one_check_run_whatever_fails_once(place: Place, fault: Fault) -> None:
    for number in range(1, 4):
        place.server.state.check_runs.clear()
        place.server.faults.clear()
        place.server.faults.at(len(place.server.log) + number, fault)
        done = publish_check(place.github(), check_of(120))
        runs = place.server.state.check_runs_of(NAME, OLD)
        assert len(runs) == (0 if done.done == "nothing" else 1)
        messages = [one["message"] for run in runs for one in run.annotations]
        assert messages == [f"Number {n}" for n in range(len(messages))]
        assert done.notes or len(messages) == 120
        if fault.name in PASSING:
            assert not done.notes


def test_annotations_past_the_limit_are_not_sent(place: Place) -> None:
    publish_check(place.github(), check_of(1_100))
    (run,) = place.server.state.check_runs_of(NAME, OLD)
    assert len(run.annotations) == 1_000


def test_a_token_that_may_make_no_check_run_is_a_note(place: Place) -> None:
    token = place.server.token(pull_requests="write", checks="read")
    done = publish_check(place.github(token), check_of(3))
    assert (done.done, [note.why for note in done.notes]) == ("nothing", ["forbidden"])
