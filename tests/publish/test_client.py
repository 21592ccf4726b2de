import pytest

from lineage_diff.forge.github.client import connect
from lineage_diff.forge.github.deadline import LONGEST, Deadline, DeadlineExceededError
from lineage_diff.forge.github.errors import RefusedError
from tests.publish.conftest import NAME, Place
from tests.support.github import CUT_BEFORE, Fault, error

PULL = f"/repos/{NAME}/pulls/1"


def test_a_run_waits_no_longer_than_its_patience(place: Place) -> None:
    waits: list[float] = []
    github = connect(
        place.token(), place.server.api_url, sleep=waits.append, clock=lambda: sum(waits)
    )
    place.server.faults.on("GET", PULL, error(429, retry_after=50), times=None)
    with pytest.raises(RefusedError):
        github.ask("GET", PULL)
    assert waits == [50, 50]
    assert sum(waits) <= LONGEST
    with pytest.raises(RefusedError):
        github.wait(30)


def test_patience_is_counted_over_all_waits() -> None:
    waits: list[float] = []
    deadline = Deadline(waits.append, lambda: sum(waits), longest=3)
    deadline.wait(2)
    with pytest.raises(DeadlineExceededError):
        deadline.wait(1.5)
    deadline.wait(1)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (error(403), "forbidden"),
        (error(404), "forbidden"),
        (error(422), "unavailable"),
        (error(500), "unavailable"),
        (CUT_BEFORE, "unavailable"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_refusal_says_why_and_never_the_token(place: Place, fault: object, why: str) -> None:
    place.server.faults.on("GET", PULL, fault, times=None)  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        place.github().ask("GET", PULL)
    assert refused.value.why == why
    assert place.token() not in repr(refused.value) + str(refused.value)


def test_a_slow_or_broken_get_is_asked_again_and_a_post_is_not(place: Place) -> None:
    place.server.faults.on("GET", PULL, error(502), times=2)
    assert place.github().ask("GET", PULL).status == 200
    comments = f"/repos/{NAME}/issues/1/comments"
    place.server.faults.on("POST", comments, error(502), times=1)
    with pytest.raises(RefusedError) as refused:
        place.github().ask_once("POST", comments, {"body": "text"})
    assert refused.value.unsure
    assert place.bodies() == []


def test_of_a_long_refusal_the_beginning_is_told(place: Place) -> None:
    fault = Fault("long", 422, "too long " * 100_000)
    place.server.faults.on("GET", PULL, fault, times=None)
    with pytest.raises(RefusedError) as refused:
        place.github().ask("GET", PULL)
    assert refused.value.message.startswith("too long too long")
    assert len(refused.value.message) == 500
