"""Several runs of one branch at once behind a proxy that breaks what it passes on."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest import mock

from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.publication import Published
from tests.publish.branch import Branch, State
from tests.support.github.baton import Baton
from tests.support.github.proxy import KINDS, FaultProxy

_STATES: tuple[State, ...] = ("stale", "stale", "fresh", "unknown")


@dataclass
class Weather:
    """What came of some storms; `doubles` counts those that left two issues for the next run."""

    storms: int = 0
    runs: int = 0
    requests: int = 0
    doubles: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class IssueStorm:
    """One branch, whose runs and pushes, and all that breaks, follow from a seed."""

    def __init__(self, branch: Branch, seed: int) -> None:
        self._chance = Random(seed)
        self._branch = branch
        self._baton = Baton(self._chance, self._pass_time)
        self._names: dict[int, str] = {}
        self._newest = 0
        self._done: list[Published] = []
        self._errors: list[BaseException] = []

    def run(self, weather: Weather) -> None:
        """Let it blow over, and hold what is left to what must be left."""
        branch, chance = self._branch, self._chance
        there: tuple[State, ...] = ("stale",) if chance.random() < 0.5 else ()
        branch.start_again(*there)
        before = len(branch.server.log)
        with FaultProxy(branch.server, self._baton, chance) as proxy, self._unhurried():
            proxy.rate = chance.choice((0.1, 0.25, 0.5))
            proxy.writes_alone = chance.random() < 0.5
            proxy.kinds = tuple(chance.sample(tuple(KINDS), chance.randrange(1, len(KINDS) + 1)))
            last, state = self._blow(proxy)
        weather.doubles += len(branch.ours()) > 1
        self._pass_time(3600)
        branch.publish(last, state, run=90)
        self._assert_clear(last, state)
        weather.storms += 1
        weather.runs += len(self._done) + 1
        weather.requests += len(branch.server.log) - before
        weather.faults.update(kind for kind, _ in proxy.happened)

    def _blow(self, proxy: FaultProxy) -> tuple[int, State]:
        """Run up to three runs at once; return the newest commit, and what is so of it."""
        chance = self._chance
        states = [chance.choice(_STATES) for _ in self._branch.commits]
        commits = [0]
        for _ in range(chance.choice((0, 1, 2))):
            commits.append(min(commits[-1] + chance.choice((0, 1, 1)), 2))
        tokens = [self._branch.server.token(contents="read", issues="write") for _ in commits]
        self._baton.join(tokens)
        span = chance.choice((0.5, 5, 40))
        starts = sorted(chance.uniform(0, span) for _ in commits)
        threads = [
            threading.Thread(
                target=self._start,
                args=(proxy, 20 + n, commit, states[commit], token, after),
                daemon=True,
            )
            for n, (commit, token, after) in enumerate(zip(commits, tokens, starts, strict=True))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
            assert not thread.is_alive(), "a run does not end"
        assert not self._errors, self._errors
        return commits[-1], states[commits[-1]]

    def _start(
        self, proxy: FaultProxy, run: int, commit: int, state: State, token: str, after: float
    ) -> None:
        self._names[threading.get_ident()] = token
        try:
            self._baton.pause(token, after)
            self._newest = max(self._newest, commit)
            self._branch.push(self._newest)
            github: GitHub = connect(token, proxy.api_url)
            self._done.append(self._branch.publish(commit, state, run, github=github))
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._baton.leave(token)

    @contextmanager
    def _unhurried(self) -> Iterator[None]:
        """Let each run wait in its turn, by the time of the stand-in."""

        def sleep(seconds: float) -> None:
            self._baton.pause(self._names.get(threading.get_ident(), ""), seconds)

        hidden: dict[str, Callable[..., Any]] = {
            "sleep": sleep,
            "clock": lambda: self._pass_time(0),
        }
        assert connect.__kwdefaults__
        with mock.patch.dict(connect.__kwdefaults__, hidden):
            yield

    def _pass_time(self, seconds: float) -> float:
        return self._branch.server.state.pass_time(seconds).timestamp()

    def _assert_clear(self, last: int, state: State) -> None:
        ours = self._branch.ours()
        if state == "unknown":
            assert len(ours) <= 1, "two issues"
        else:
            assert len(ours) == (state == "stale"), (state, ours)
        for one in ours:
            assert f" head={self._branch.commits[last]} run=" in one.body, "not of the newest"
            assert one.body.endswith(f"About {last}: {state}\n")
        assert not self._branch.server.violations, self._branch.server.violations
