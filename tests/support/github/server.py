"""The stand-in for GitHub as a server on the loopback."""

import itertools
import json
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterable
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.github.api import Api
from tests.support.github.exchange import Request, Response
from tests.support.github.faults import Fault, Faults
from tests.support.github.gate import Gate
from tests.support.github.graphql import answer_graphql
from tests.support.github.http_handler import HttpHandler
from tests.support.github.links import Links
from tests.support.github.requests_log import Logged
from tests.support.github.state import ACTIONS_BOT, State
from tests.support.github.tokens import Access, Token
from tests.support.github.web import answer_web


class GitHubServer(ThreadingHTTPServer):
    """A server that answers as GitHub does; a context manager. See the package's docstring.

    `state` is what it knows; `log`, `violations`, `faults` and `gate` are those of the package's
    docstring."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, *, enterprise: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), HttpHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.api_url = f"{self.url}/api/v3" if enterprise else self.url
        self._prefix = "/api/v3" if enterprise else ""
        self._graphql = "/api/graphql" if enterprise else "/graphql"
        self.links = Links(self.url, self.api_url)
        self._folder = tempfile.TemporaryDirectory(prefix="github-")
        self.state = State(Path(self._folder.name))
        self.faults = Faults()
        self.gate = Gate()
        self._log: list[Logged] = []
        self.violations: list[str] = []
        self._tokens: dict[str, Token] = {}
        self._numbers = itertools.count(1)
        self._requests = itertools.count(1)
        self._closing = threading.Event()
        self._api = Api(self.state, self.links, self._tokens, self.violations)

    def token(
        self,
        *,
        user: str = ACTIONS_BOT,
        contents: Access = "none",
        pull_requests: Access = "none",
        issues: Access = "none",
        checks: Access = "none",
        actions: Access = "none",
        repositories: Iterable[str] | None = None,
    ) -> str:
        """Make a token of a user and return it. `repositories` are the full names of those it is
        for; all, unless given."""
        value = f"ghs_{next(self._numbers):036d}"
        self._tokens[value] = Token(
            value,
            self.state.user(user),
            {
                "contents": contents,
                "pull_requests": pull_requests,
                "issues": issues,
                "checks": checks,
                "actions": actions,
            },
            None if repositories is None else frozenset(repositories),
        )
        return value

    def revoke(self, token: str) -> None:
        """Know a token no more."""
        del self._tokens[token]

    @property
    def log(self) -> list[Logged]:
        """Every request that was answered or cut, in the order they came in."""
        return sorted(self._log, key=lambda one: one.n)

    def exchange(self, request: Request) -> Response | None:
        """Answer one request of whatever kind, or `None` where the connection is to be cut."""
        self.gate.pass_through(request.client)
        api = self._is_api(request.path)
        path = request.path.removeprefix(self._prefix) if api else request.path
        n = next(self._requests)
        fault = self.faults.take(n, request.method, path)
        response = self._response(request, path, api, fault)
        self._log.append(
            Logged(
                n,
                request.method,
                path,
                request.query,
                self._api.operation_id(request.method, path) if api else None,
                request.client,
                response.status if response else None,
                fault.name if fault else None,
            )
        )
        return response

    def _response(
        self, request: Request, path: str, api: bool, fault: Fault | None
    ) -> Response | None:
        if fault and fault.cut_before:
            return None
        if path == self._graphql:
            response = self._graphql_response(request, fault)
        elif not api:
            if fault and fault.status:
                return Response(fault.status, fault.headers, fault.message.encode())
            response = answer_web(request, self.state, self._tokens)
        else:
            response = self._api.answer(request, path, fault)
        if fault and fault.seconds:
            self._closing.wait(fault.seconds)
        return None if fault and fault.cut_after else response

    def _graphql_response(self, request: Request, fault: Fault | None) -> Response:
        if fault and fault.status:
            body = json.dumps({"message": fault.message}).encode()
            return Response(fault.status, fault.headers, body)
        response = answer_graphql(request, self.state, self._tokens.get(request.client))
        if response is None:
            self.violations.append(f"not answered here: {request.body.decode()}")
            return Response(400, (), b"{}")
        return response

    def _is_api(self, path: str) -> bool:
        if self._prefix:
            return path.startswith(f"{self._prefix}/")
        return path == "/user" or path.startswith("/repos/")

    def handle_error(self, request: object, client_address: object) -> None:
        """Take an error of the stand-in itself for a violation, so that the test fails. A client
        that goes away early is none."""
        if not isinstance(sys.exception(), ConnectionError):
            self.violations.append(f"the stand-in failed: {traceback.format_exc()}")

    def __enter__(self) -> Self:
        # The default poll interval of half a second is what a close would take.
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        *_: type[BaseException] | BaseException | TracebackType | None,
    ) -> None:
        self._closing.set()
        self.shutdown()
        self.server_close()
        self._folder.cleanup()
