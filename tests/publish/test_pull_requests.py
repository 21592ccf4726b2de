import pytest

from lineage_diff.forge.github.pull_requests import find_pull_request
from lineage_diff.forge.publication import Head
from tests.publish.conftest import NAME, NEW, OLD, Place


@pytest.mark.parametrize(
    ("head_repository", "branch", "commit", "number"),
    [
        ("fork/models", "change", NEW, 2),
        ("fork/models", "change", OLD, None),
        ("fork/models", "another", NEW, None),
        ("other/models", "change", NEW, None),
        (NAME, "change", OLD, 1),
        (NAME, "change", NEW, None),
    ],
)
def test_a_pull_request_is_found_by_its_head_alone(
    place: Place, head_repository: str, branch: str, commit: str, number: int | None
) -> None:
    state = place.server.state
    state.add_repository("fork/models", fork_of=NAME)
    state.add_pull(NAME, head_sha=NEW, head_repository="fork/models")
    found = find_pull_request(place.github(), NAME, Head(head_repository, branch, commit))
    assert found == number


def test_a_closed_one_is_not_found(place: Place) -> None:
    state = place.server.state
    state.change_pull(state.pulls[NAME, 1], state="closed")
    assert find_pull_request(place.github(), NAME, Head(NAME, "change", OLD)) is None
