"""An answer without end, or one that leads elsewhere: the run ends, and the token stays."""

import gzip
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from threading import Event

import pytest

from lineage_diff.forge.github import bounded_answers
from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.github.comments.api import list_marked
from lineage_diff.forge.github.errors import RefusedError
from tests.support.raw_http import Answer, RawServer, response, sends

TOKEN = "ghs_secret"  # noqa: S105
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n["
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b'{"message": "' + b"a" * 10_000_000 + b'"}')


def _drips(start: bytes, piece: bytes) -> Answer:
    def answer(connection: socket.socket, ended: Event) -> None:
        connection.sendall(start)
        while not ended.wait(0.02):
            connection.sendall(piece)

    return answer


def _packed(status: str) -> Answer:
    return sends(response(PACKED, status, "Content-Encoding: gzip"))


ENDLESS: dict[str, tuple[str, Callable[[], Answer]]] = {
    "a body byte by byte": ("POST", lambda: _drips(HEAD, b" ")),
    "a head byte by byte": ("POST", lambda: _drips(b"HTTP/1.1 200 OK\r\nX: ", b"x")),
    "heads of answers to come": ("POST", lambda: _drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "chunks": ("GET", lambda: _drips(CHUNKS, b"4000\r\n" + b" " * 0x4000 + b"\r\n")),
    "a long body": ("GET", lambda: sends(response(b"[" + b" " * 2_000_000 + b"]"))),
    "a body that unpacks to more": ("GET", lambda: _packed("200 OK")),
    "a refusal that unpacks to more": ("GET", lambda: _packed("403 Forbidden")),
}


def _connect(server: RawServer) -> GitHub:
    return connect(TOKEN, f"http://127.0.0.1:{server.port}", sleep=lambda seconds: None)


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_without_end_is_a_refusal(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_answers, "SECONDS", 0.5)
    monkeypatch.setattr(bounded_answers, "MOST_BYTES", 300_000)
    method, answer = ENDLESS[kind]
    with RawServer(answer()) as server:
        github, begin = _connect(server), time.monotonic()
        ask = github.ask if method == "GET" else github.ask_once
        with pytest.raises(RefusedError) as refused:
            ask(method, "/repos/o/m/issues/1/comments", {"body": "text"})
        assert time.monotonic() - begin < 3
        assert len(refused.value.message) < 1000


def test_a_page_of_the_longest_comments_is_no_answer_without_end() -> None:
    # GitHub writes `<` as an escape.
    page = b"[" + b",".join([b'{"body": "' + rb"\u003c" * 65_536 + b'"}'] * 100) + b"]"
    with RawServer(sends(response(page))) as server:
        assert len(list(_connect(server).pages("/repos/o/m/issues/1/comments"))) == 100


def test_thousands_of_long_comments_are_not_kept() -> None:
    item = {"html_url": "u", "node_id": "n", "user": {"login": "someone"}, "body": "x" * 65_536}
    next_page = 'Link: <http://x/repos/o/m/issues/1/comments?page=2>; rel="next"'
    body = json.dumps([item | {"id": number} for number in range(100)]).encode()
    pages = [response(body, "200 OK", next_page)] * 9 + [response(body)]
    with RawServer(sends(*pages)) as server:
        github = _connect(server)
        tracemalloc.start()
        try:
            assert list_marked(github, "o/m", 1) == ()
            assert tracemalloc.get_traced_memory()[1] < 6 * len(body)
        finally:
            tracemalloc.stop()
        assert len(server.requests) == len(pages)


@pytest.mark.parametrize("status", [200, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_neither_a_redirect_nor_a_next_page_takes_the_token_elsewhere(
    method: str, status: int
) -> None:
    with RawServer(sends(response(b"[]"))) as elsewhere:
        place = f"http://localhost:{elsewhere.port}/repos/o/m/issues/1/comments"
        headers = f"Location: {place}", f'Link: <{place}>; rel="next"'
        moved = response(b"[]", f"{status} Moved", *headers)
        with RawServer(sends(moved, response(b"[]"))) as server:
            github = _connect(server)
            try:
                if method == "POST":
                    github.ask_once("POST", "/graphql", {})
                else:
                    list(github.pages("/repos/o/m/issues/1/comments"))
            except RefusedError:
                assert status != 200
            assert all(TOKEN.encode() in request for request in server.requests)
        assert elsewhere.requests == []
