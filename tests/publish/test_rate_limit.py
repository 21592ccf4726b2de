import pytest

from lineage_diff.forge.github.errors import retry_after
from tests.publish.conftest import IMAGES, Place
from tests.support.github import Fault

DATE = {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}
START = 1_767_225_600
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(START + 30)} | DATE
SECONDARY = "You have exceeded a secondary rate limit."
PRIMARY = "API rate limit exceeded for installation ID 7."


@pytest.mark.parametrize(
    ("status", "message", "headers", "seconds"),
    [
        (403, SECONDARY, {"retry-after": "7"} | DATE, 7),
        (429, "", {"retry-after": "7"}, 7),
        (403, SECONDARY, DATE, 60),
        (429, "", {}, 60),
        (403, PRIMARY, SPENT, 31),
        (403, PRIMARY, SPENT | {"x-ratelimit-reset": str(START - 9)}, 1),
        (403, PRIMARY, SPENT | {"x-ratelimit-reset": "soon"}, 60),
        (403, PRIMARY, SPENT | {"date": "today"}, 60),
        (429, "", {"retry-after": "Thu, 01 Jan 2026 00:00:00 GMT"}, 60),
        (403, "Resource not accessible by integration", DATE, None),
        (
            403,
            "Resource not accessible by integration",
            DATE | {"x-ratelimit-remaining": "9"},
            None,
        ),
        (503, "", {"retry-after": "7"}, None),
        (404, "Not Found", SPENT, None),
    ],
)
def test_how_long_github_wants_us_to_wait(
    status: int, message: str, headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(status, message, headers) == seconds


@pytest.mark.parametrize(
    "limit",
    [Fault("primary", 403, PRIMARY), Fault("secondary", 403, SECONDARY), Fault("429", 429, "")],
    ids=lambda fault: fault.name,
)
def test_a_limit_is_waited_for_and_never_taken_for_a_missing_permission(
    place: Place, limit: Fault
) -> None:
    place.server.faults.on("POST", ".*/git/blobs", limit)
    assert place.publish(images=IMAGES).notes == ()
    place.server.state.comments.clear()
    place.server.faults.on("POST", ".*/comments", limit, times=None)
    done = place.publish()
    assert [(note.what, note.why) for note in done.notes] == [("comment", "unavailable")]
    assert place.bodies() == []
