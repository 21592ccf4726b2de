import itertools
from collections.abc import Callable
from functools import partial

import pytest

from tests.stand_in.conftest import NAME, Asked
from tests.support.github import CUT_AFTER, GitHubServer, interleave


def comment_twice(asked: Asked, token: str, name: str) -> str:
    pull = asked.by(token).pull
    pull.create_issue_comment(f"{name}1")
    pull.create_issue_comment(f"{name}2")
    return name


def runs(asked: Asked, *names: str) -> dict[str, Callable[[], str]]:
    tokens = {name: asked.server.token(pull_requests="write") for name in names}
    return {token: partial(comment_twice, asked, token, name) for name, token in tokens.items()}


def bodies(server: GitHubServer) -> list[str]:
    return [comment.body for comment in server.state.comments_of(NAME, 1)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["A1", "A2", "B1", "B2"]),
        ("BBBB", ["B1", "B2", "A1", "A2"]),
        ("ABABABAB", ["A1", "B1", "A2", "B2"]),
        ("AAABBBBBBBB", ["A1", "B1", "B2", "A2"]),
        ("BBAABABA", ["B1", "A1", "B2", "A2"]),
    ],
)
def test_requests_act_in_the_order_asked_for(asked: Asked, order: str, expected: list[str]) -> None:
    clients = runs(asked, "A", "B")
    token = dict(zip("AB", clients, strict=True))
    results = interleave(asked.server.gate, clients, [token[name] for name in order])
    assert list(results.values()).count("A") == 1
    assert bodies(asked.server) == expected


def test_every_interleaving_is_the_same_each_time(asked: Asked) -> None:
    """Two comments of each of two, after the two requests that find the pull request."""
    seen = set()
    for places in itertools.combinations(range(4), 2):
        asked.server.state.comments.clear()
        clients = runs(asked, "A", "B")
        a, b = clients
        order = [a, a, b, b] + [a if place in places else b for place in range(4)]
        interleave(asked.server.gate, clients, order)
        wanted = ["A" if place in places else "B" for place in range(4)]
        assert [body[0] for body in bodies(asked.server)] == wanted
        seen.add(tuple(wanted))
    assert len(seen) == 6


def test_an_error_of_a_client_is_the_test_s(asked: Asked) -> None:
    def fails() -> str:
        raise ValueError("no")

    clients = runs(asked, "A") | {"nobody": fails}
    with pytest.raises(ValueError, match="no"):
        interleave(asked.server.gate, clients, ["nobody"])
    assert bodies(asked.server) == ["A1", "A2"]


def test_others_are_not_held(asked: Asked) -> None:
    with asked.server.gate.holding(["another"]):
        asked.pull.create_issue_comment("One")
    assert bodies(asked.server) == ["One"]


def test_faults_are_counted_in_the_order_of_the_gate(asked: Asked) -> None:
    clients = runs(asked, "A", "B")
    a, b = clients
    asked.server.faults.at(7, CUT_AFTER)
    with pytest.raises(OSError, match=r"Connection|Remote"):
        interleave(asked.server.gate, clients, [a, a, b, b, b, a])
    assert [(one.n, one.client) for one in asked.server.log if one.fault] == [(7, b)]
    assert bodies(asked.server) == ["B1", "A1", "A2"]
