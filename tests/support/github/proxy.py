"""A proxy before the stand-in that breaks what goes through it, in every way that was seen."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, Self

from tests.support.github.baton import Baton
from tests.support.github.server import GitHubServer

_HTML = b"<html><head><title>Unicorn! &middot; GitHub</title></head><body></body></html>"
_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_PRIMARY = "API rate limit exceeded for installation ID 1."
# How long the client waits for an answer, in seconds.
_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: the client is its token."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def client(self) -> str:
        return self.headers.get("Authorization", "").rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back; of its body `sent` bytes before the connection ends, all with `None`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    sent: int | None = None


class FaultProxy(ThreadingHTTPServer):
    """Passes requests on to the stand-in, and breaks some of them.

    `rate` is how many, from 0 to 1; `writes_alone` leaves questions whole."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, github: GitHubServer, baton: Baton, chance: Random) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.github = github
        self.baton = baton
        self.chance = chance
        self.rate = 0.0
        self.writes_alone = False
        self.kinds = tuple(KINDS)
        self.happened: list[tuple[str, str]] = []
        self.older: dict[str, list[Answered]] = {}
        self._here = f"127.0.0.1:{self.server_address[1]}"
        self._there = f"127.0.0.1:{github.server_address[1]}"
        self.api_url = f"http://{self._here}"

    def choose_faults(self) -> None:
        """Choose by chance how many requests to break, and in which ways."""
        self.rate = self.chance.choice((0.1, 0.25, 0.5))
        self.writes_alone = self.chance.random() < 0.5
        count = self.chance.randrange(1, len(KINDS) + 1)
        self.kinds = tuple(self.chance.sample(tuple(KINDS), count))

    def answer(self, asked: Asked) -> Answered | None:
        """Answer in the client's turn; `None` where the connection is cut instead."""
        self.baton.pause(asked.client, self.chance.uniform(0.05, 0.5))
        whole = self.writes_alone and asked.method == "GET"
        if whole or self.chance.random() >= self.rate:
            return self.passed_on(asked)
        kind = self.chance.choice(self.kinds)
        self.happened.append((kind, f"{asked.method} {asked.target}"))
        return KINDS[kind](self, asked)

    def passed_on(self, asked: Asked) -> Answered:
        """Ask the stand-in, and put this address in the place of its own."""
        connection = HTTPConnection(self._there, timeout=60)
        headers = {k: v for k, v in asked.headers.items() if k.lower() not in ("host",)}
        connection.request(asked.method, asked.target, asked.body or None, headers)
        response = connection.getresponse()
        body = response.read().replace(self._there.encode(), self._here.encode())
        found = tuple(
            (name, value.replace(self._there, self._here))
            for name, value in response.getheaders()
            if name.lower() not in ("content-length", "server", "connection")
        )
        connection.close()
        answered = Answered(response.status, found, body)
        if asked.method == "GET":
            self.older.setdefault(asked.target, []).append(answered)
        return answered

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Take no note of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: FaultProxy

    def _exchange(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answered = self.server.answer(Asked(self.command, self.path, dict(self.headers), body))
        if answered is not None:
            self._send(answered)
        if answered is None or answered.sent is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _exchange  # noqa: N815

    def _send(self, answered: Answered) -> None:
        self.send_response_only(answered.status)
        for name, value in answered.headers:
            self.send_header(name, value)
        if answered.status != 204:
            self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        self.wfile.write(answered.body[: answered.sent])
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing."""


def _date(proxy: FaultProxy) -> tuple[str, str]:
    return ("Date", f"{proxy.github.state.pass_time(0):%a, %d %b %Y %H:%M:%S GMT}")


def _refused(proxy: FaultProxy, status: int, message: str, *headers: tuple[str, str]) -> Answered:
    kind = ("Content-Type", "application/json; charset=utf-8")
    body = json.dumps({"message": message, "status": str(status)}).encode()
    return Answered(status, (_date(proxy), kind, *headers), body)


def _broken_down(proxy: FaultProxy) -> Answered:
    status = proxy.chance.choice((500, 502, 503, 504))
    return Answered(status, (("Content-Type", "text/html"), _date(proxy)), _HTML)


def _error_before(proxy: FaultProxy, asked: Asked) -> Answered:
    return _broken_down(proxy)


def _error_after(proxy: FaultProxy, asked: Asked) -> Answered:
    proxy.passed_on(asked)
    return _broken_down(proxy)


def _lost_request(proxy: FaultProxy, asked: Asked) -> None:
    return None


def _lost_answer(proxy: FaultProxy, asked: Asked) -> None:
    proxy.passed_on(asked)


def _cut_body(proxy: FaultProxy, asked: Asked) -> Answered:
    answered = proxy.passed_on(asked)
    return replace(answered, sent=proxy.chance.randrange(len(answered.body) + 1))


def _half_a_document(proxy: FaultProxy, asked: Asked) -> Answered:
    answered = proxy.passed_on(asked)
    return replace(answered, body=answered.body[: proxy.chance.randrange(len(answered.body) + 1)])


def _page_of_html(proxy: FaultProxy, asked: Asked) -> Answered:
    return Answered(200, (("Content-Type", "text/html"), _date(proxy)), _HTML)


def _empty(proxy: FaultProxy, asked: Asked) -> Answered:
    return replace(proxy.passed_on(asked), body=b"")


def _secondary_limit(proxy: FaultProxy, asked: Asked) -> Answered:
    seconds = proxy.chance.choice((1, 5, 30, 600))
    status = proxy.chance.choice((403, 429))
    return _refused(proxy, status, _LIMIT, ("Retry-After", str(seconds)))


def _primary_limit(proxy: FaultProxy, asked: Asked) -> Answered:
    reset = int(proxy.github.state.pass_time(0).timestamp()) + proxy.chance.choice((3, 40, 3000))
    limits = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(reset)))
    return _refused(proxy, 403, _PRIMARY, *limits)


def _refusal(status: int, message: str) -> "Fault":
    return lambda proxy, asked: _refused(proxy, status, message)


def _slow_request(proxy: FaultProxy, asked: Asked) -> Answered | None:
    """It arrives late; maybe when the client waits no more."""
    seconds = proxy.chance.uniform(1, _TIMEOUT)
    proxy.baton.pause(asked.client, seconds)
    return proxy.passed_on(asked)


def _slow_answer(proxy: FaultProxy, asked: Asked) -> Answered | None:
    """It is done at once and answered late, or after the client's patience."""
    answered = proxy.passed_on(asked)
    seconds = proxy.chance.uniform(1, _TIMEOUT * 1.2)
    proxy.baton.pause(asked.client, min(seconds, _TIMEOUT))
    return answered if seconds < _TIMEOUT else None


def _delivered_twice(proxy: FaultProxy, asked: Asked) -> Answered:
    first = proxy.passed_on(asked)
    proxy.baton.pause(asked.client, proxy.chance.uniform(0, 2))
    second = proxy.passed_on(asked)
    return proxy.chance.choice((first, second))


def _stale_list(proxy: FaultProxy, asked: Asked) -> Answered:
    """What the same question was answered before."""
    older = proxy.older.get(asked.target) if asked.method == "GET" else None
    return proxy.chance.choice(older) if older else proxy.passed_on(asked)


def _shifted_page(proxy: FaultProxy, asked: Asked) -> Answered:
    """An item is missing, as when an older one was deleted between two pages."""
    answered = proxy.passed_on(asked)
    if asked.method != "GET" or answered.status != 200 or answered.body[:1] != b"[":
        return answered
    items = json.loads(answered.body)
    if items:
        del items[proxy.chance.randrange(len(items))]
    return replace(answered, body=json.dumps(items).encode())


def _redirect(proxy: FaultProxy, asked: Asked) -> Answered:
    place = proxy.chance.choice(("http://evil.invalid/", f"{proxy.api_url}{asked.target}"))
    status = proxy.chance.choice((301, 302, 307, 308))
    return replace(_refused(proxy, status, "Moved Permanently"), headers=(("Location", place),))


def _garbage_headers(proxy: FaultProxy, asked: Asked) -> Answered:
    garbage = {
        "Date": "yesterday",
        "Link": '<http://[>; rel="next", ;;<>',
        "Retry-After": "soon",
        "x-ratelimit-reset": "-1e9",
        "x-ratelimit-remaining": "none",
        "Content-Type": "application/json; charset=\u00ff",
    }
    answered = proxy.passed_on(asked)
    kept = tuple(item for item in answered.headers if item[0] not in garbage)
    return replace(answered, headers=(*kept, *garbage.items()))


Fault = Callable[[FaultProxy, Asked], Answered | None]
KINDS: Mapping[str, Fault] = {
    "error before": _error_before,
    "error after": _error_after,
    "lost request": _lost_request,
    "lost answer": _lost_answer,
    "cut body": _cut_body,
    "half a document": _half_a_document,
    "page of HTML": _page_of_html,
    "empty": _empty,
    "secondary limit": _secondary_limit,
    "primary limit": _primary_limit,
    "401": _refusal(401, "Bad credentials"),
    "403": _refusal(403, "Resource not accessible by integration"),
    "404": _refusal(404, "Not Found"),
    "409": _refusal(409, "Conflict"),
    "422": _refusal(422, "Validation Failed"),
    "slow request": _slow_request,
    "slow answer": _slow_answer,
    "delivered twice": _delivered_twice,
    "stale list": _stale_list,
    "shifted page": _shifted_page,
    "redirect": _redirect,
    "garbage headers": _garbage_headers,
}
