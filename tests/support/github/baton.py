"""Threads that take turns, and a clock that passes only while all of them wait.

What happens in which order follows from the seed alone, and no thread waits for real.
"""

import threading
from collections.abc import Callable
from random import Random

_PATIENCE = 60.0


class Baton:
    """One of the threads that joined goes on at a time, until it pauses or leaves.

    `pass_time` lets the time of GitHub pass, in seconds, and returns what time it is then."""

    def __init__(self, chance: Random, pass_time: Callable[[float], float]) -> None:
        self._changed = threading.Condition()
        self._chance = chance
        self._pass_time = pass_time
        self._alive: set[str] = set()
        self._waiting: dict[str, float] = {}
        self._turn: str | None = None

    @property
    def now(self) -> float:
        """The time in seconds."""
        return self._pass_time(0)

    def join(self, names: list[str]) -> None:
        """Let these threads take part; each pauses once before it does anything."""
        with self._changed:
            self._alive |= set(names)

    def pause(self, name: str, seconds: float) -> None:
        """Let the others go on for so long, at least; called for a thread, or by what it asks."""
        with self._changed:
            if name not in self._alive:
                return
            self._waiting[name] = self.now + max(0.0, seconds)
            self._choose()
            assert self._changed.wait_for(lambda: self._turn == name, _PATIENCE), "no turn"
            self._turn = None
            del self._waiting[name]

    def leave(self, name: str) -> None:
        """Take no more part."""
        with self._changed:
            self._alive.discard(name)
            self._choose()

    def _choose(self) -> None:
        if not self._alive or self._alive != self._waiting.keys():
            return
        first = min(self._waiting.values())
        now = max(first, self._pass_time(max(0.0, first - self.now)))
        ready = sorted(name for name, until in self._waiting.items() if until <= now)
        self._turn = self._chance.choice(ready)
        self._changed.notify_all()
