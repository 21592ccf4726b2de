"""Several runs at once behind a proxy that breaks what it passes on; all follows from a seed."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest import mock

from lineage_diff.forge.github.client import connect
from tests.support.github.baton import Baton
from tests.support.github.proxy import FaultProxy
from tests.support.github.server import GitHubServer


@dataclass
class Weather:
    """The counts of some storms; `faults` by their kind."""

    storms: int = 0
    runs: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class RunsAtOnce:
    """Up to three runs that take turns by the time of the stand-in, in an order by chance."""

    def __init__(self, github: GitHubServer, chance: Random) -> None:
        self._github = github
        self._chance = chance
        self._baton = Baton(chance, self.pass_time)
        self._names: dict[int, str] = {}

    @contextmanager
    def proxy(self) -> Iterator[FaultProxy]:
        """Start a proxy; until it ends, each client waits in its turn and not for real."""
        assert connect.__kwdefaults__
        hidden = {"sleep": self._sleep, "clock": lambda: self.pass_time(0)}
        with (
            FaultProxy(self._github, self._baton, self._chance) as proxy,
            mock.patch.dict(connect.__kwdefaults__, hidden),
        ):
            yield proxy

    def heads(self) -> list[int]:
        """Return for each run which of three heads it is for, in the order of the pushes."""
        found = [0]
        for _ in range(self._chance.choice((0, 1, 2))):
            found.append(min(found[-1] + self._chance.choice((0, 1, 1)), 2))
        return found

    def start(self, tokens: list[str], run: Callable[[int], None]) -> None:
        """Call `run` with each number from 0, in a thread that asks with its token; wait for all.

        Raises `AssertionError` if one does not end, or raises anything.
        """
        self._baton.join(tokens)
        span = self._chance.choice((0.5, 5, 40))
        starts = sorted(self._chance.uniform(0, span) for _ in tokens)
        errors: list[BaseException] = []

        def begin(number: int, token: str, after: float) -> None:
            self._names[threading.get_ident()] = token
            try:
                self._baton.pause(token, after)
                run(number)
            except BaseException as error:
                errors.append(error)
            finally:
                self._baton.leave(token)

        threads = [
            threading.Thread(target=begin, args=(number, token, after), daemon=True)
            for number, (token, after) in enumerate(zip(tokens, starts, strict=True))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
            assert not thread.is_alive(), "a run does not end"
        assert not errors, errors

    def pass_time(self, seconds: float) -> float:
        """Let the time of the stand-in pass; return what it is then, in seconds."""
        return self._github.state.pass_time(seconds).timestamp()

    def _sleep(self, seconds: float) -> None:
        self._baton.pause(self._names.get(threading.get_ident(), ""), seconds)
