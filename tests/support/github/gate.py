"""Lets the requests of several clients through one at a time, in an order of the test's choice."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")
_PATIENCE = 30.0


class Gate:
    """Holds the requests of chosen clients, who are told apart by their tokens.

    A client is one thread that makes one request after the other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._waiting: set[str] = set()
        self._let: set[str] = set()
        self._gone: set[str] = set()

    def hold(self, client: str) -> None:
        """Hold the client's requests from now on."""
        with self._changed:
            self._held.add(client)
            self._gone.discard(client)

    def release(self, client: str) -> None:
        """Hold the client no more; what waits goes on."""
        with self._changed:
            self._held.discard(client)
            self._changed.notify_all()

    def leave(self, client: str) -> None:
        """Take note that the client makes no more requests."""
        with self._changed:
            self._gone.add(client)
            self._held.discard(client)
            self._changed.notify_all()

    def arrived(self, client: str) -> bool:
        """Wait until the client's next request is here, or until it makes no more; say which.
        Raises `AssertionError` when neither comes."""
        with self._changed:
            ready = self._changed.wait_for(
                lambda: client in self._waiting or client in self._gone, _PATIENCE
            )
            assert ready, "the client neither asks nor ends"
            return client in self._waiting

    def step(self, client: str) -> bool:
        """Let one request of the client through and wait until its next one is here or it has
        ended. False, and nothing done, when it has ended already."""
        if not self.arrived(client):
            return False
        with self._changed:
            self._let.add(client)
            self._waiting.discard(client)
            self._changed.notify_all()
        self.arrived(client)
        return True

    def pass_through(self, client: str) -> None:
        """Wait until the client's request may act (called by the server)."""
        with self._changed:
            if client not in self._held:
                return
            self._waiting.add(client)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: client in self._let or client not in self._held, _PATIENCE * 4
            )
            self._let.discard(client)
            self._waiting.discard(client)

    @contextmanager
    def holding(self, clients: Iterable[str]) -> Iterator[None]:
        """Hold these clients within the block."""
        clients = tuple(clients)
        for client in clients:
            self.hold(client)
        try:
            yield
        finally:
            for client in clients:
                self.release(client)


def interleave(
    gate: Gate, clients: Mapping[str, Callable[[], _T]], order: Iterable[str]
) -> dict[str, _T]:
    """Run clients, by their tokens, each in a thread of its own, and let one request after the
    other through in `order`, which names tokens; after its end, the rest of each client in turn.

    Each request is answered, and the client has made its next or ended, before the following one
    acts. An order may name a client that has ended: that does nothing. Returns what each returned;
    raises what one raised."""
    results: dict[str, _T] = {}
    errors: list[BaseException] = []

    def run(client: str, work: Callable[[], _T]) -> None:
        try:
            results[client] = work()
        except BaseException as error:
            errors.append(error)
        finally:
            gate.leave(client)

    with gate.holding(clients):
        threads = [threading.Thread(target=run, args=item, daemon=True) for item in clients.items()]
        for thread in threads:
            thread.start()
        for client in order:
            gate.step(client)
        for client in clients:
            while gate.step(client):
                pass
        for thread in threads:
            thread.join(_PATIENCE)
    if errors:
        raise errors[0]
    return results
