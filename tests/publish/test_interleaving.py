"""Two and three runs whose requests come in any order: the newest head's comment is what stays."""

import random
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Any

import pytest

from tests.publish.conftest import IMAGES, NEW, NEWEST, OLD, Place
from tests.support.github import interleave

# A run that nobody disturbs makes so many requests at most, without pictures.
STEPS = 9
SEED = 20_260
SAMPLES = 40

pytestmark = pytest.mark.parametrize("github", ["github.com"], indirect=True)


def orders(first: int, second: int) -> Iterator[list[int]]:
    """Yield every order of so many requests of two runs."""
    length = first + second
    for places in combinations(range(length), first):
        yield [0 if place in places else 1 for place in range(length)]


def race(place: Place, heads: tuple[str, ...], order: list[int | str], **comment: Any) -> None:
    """Run one run a head; `order` names the next to ask by number, and heads that are pushed."""
    tokens = [place.token(f"run {number}") for number in range(len(heads))]

    def asking() -> Iterator[str]:
        for step in order:
            if isinstance(step, str):
                place.push(step)
            else:
                yield tokens[step]

    runs = {
        token: partial(place.publish, head, number, token, **comment)
        for number, (head, token) in enumerate(zip(heads, tokens, strict=True), 10)
    }
    interleave(place.server.gate, runs, asking())


def start_again(place: Place, there: bool) -> None:
    """Have one comment, of an old run, or none."""
    state = place.server.state
    state.comments.clear()
    state.reactions.clear()
    place.push(OLD)
    if there:
        text = f"<!-- lineage-diff id=lineage-diff head={OLD} run=1.1 -->\nAn old one"
        state.add_comment(state.pulls["octo/models", 1], text)


def assert_one_comment(place: Place, head: str, order: object) -> None:
    bodies = place.bodies()
    assert len(bodies) == 1, (order, bodies)
    assert f"About {head}, " in bodies[0], (order, bodies)
    assert not place.server.state.reactions, order


@pytest.mark.parametrize("there", [False, True], ids=["the first comment", "an update"])
@pytest.mark.parametrize("before", range(STEPS))
def test_of_two_heads_the_newer_wins_wherever_the_push_comes(
    place: Place, there: bool, before: int
) -> None:
    """The older run makes so many requests before the push, the newer some, then the older all."""
    for between in range(STEPS + 2):
        start_again(place, there)
        order: list[int | str] = [*[0] * before, NEW, *[1] * between, *[0] * 2 * STEPS]
        race(place, (OLD, NEW), order)
        assert_one_comment(place, NEW, order)


@pytest.mark.parametrize("there", [False, True], ids=["the first comment", "an update"])
def test_of_two_runs_of_one_head_one_comment_stays(place: Place, there: bool) -> None:
    for rest in orders(4, 4):
        start_again(place, there)
        race(place, (OLD, OLD), list(rest))
        assert_one_comment(place, OLD, rest)


@pytest.mark.parametrize("there", [False, True], ids=["the first comment", "an update"])
def test_of_three_heads_the_newest_wins(place: Place, there: bool) -> None:
    chance = random.Random(SEED)
    for _ in range(SAMPLES):
        start_again(place, there)
        order: list[int | str] = [chance.choice((0, 1, 2)) for _ in range(24)]
        first, second = sorted(chance.sample(range(len(order)), 2))
        order.insert(second, NEWEST)
        order.insert(first, NEW)
        # A run begins when its head was pushed.
        order = [s for n, s in enumerate(order) if s != 1 or n > first]
        order = [s for n, s in enumerate(order) if s != 2 or n > order.index(NEWEST)]
        race(place, (OLD, NEW, NEWEST), order)
        assert_one_comment(place, NEWEST, order)


def test_the_pictures_of_the_newest_stay(place: Place) -> None:
    chance = random.Random(SEED)
    for _ in range(SAMPLES):
        start_again(place, there=True)
        order: list[int | str] = [0] * chance.randrange(14)
        order += [NEW, *(chance.choice((0, 1)) for _ in range(30))]
        race(place, (OLD, NEW), order, images=IMAGES)
        assert_one_comment(place, NEW, order)
        assert f"refs/lineage-diff/pr-1/lineage-diff/{NEW[:12]}" in place.refs()
