"""The API: from a request to an answer, both held to GitHub's description."""

import json
import threading
from urllib.parse import unquote

from tests.support.github.answers import Answer, RefusedError, not_found, refused, unauthorized
from tests.support.github.exchange import Request, Response
from tests.support.github.faults import Fault
from tests.support.github.links import Links
from tests.support.github.openapi import operation
from tests.support.github.routes import find
from tests.support.github.routing import Call, Handler
from tests.support.github.state import State
from tests.support.github.tokens import Token

# GitHub's own page for these says "Unicorn!" between its pictures.
_UNICORN = b"<html><head><title>Unicorn! &middot; GitHub</title></head><body></body></html>"
_A_LIMIT = 5000


class Api:
    """Answers requests to the API; adds to `violations` what keeps not to the description."""

    def __init__(
        self, state: State, links: Links, tokens: dict[str, Token], violations: list[str]
    ) -> None:
        self._state = state
        self._links = links
        self._tokens = tokens
        self._violations = violations
        self._used = 0
        self._lock = threading.Lock()

    def operation_id(self, method: str, path: str) -> str | None:
        """Return GitHub's `operationId` of a request, `None` when it is not served."""
        found = find(method, path)
        return operation(method, found[0].template).id if found else None

    def answer(self, request: Request, path: str, fault: Fault | None) -> Response:
        """Answer a request to `path`, which has no prefix; with an error where `fault` has one."""
        found = find(request.method, path)
        if found is None:
            self._violations.append(f"not served here: {request.method} {path}")
            return self._response(not_found().answer)
        route, encoded = found
        described = operation(route.method, route.template)
        parameters = {name: unquote(value) for name, value in encoded.items()}
        problems = list(described.request_errors(parameters, request.query, request.body))
        self._violations.extend(problems)
        call = Call(
            state=self._state,
            links=self._links,
            token=self._tokens.get(request.client),
            path=parameters,
            query_string=request.query,
            payload=request.body,
            address=f"{self._links.api}{path}",
        )
        answer = self._act(call, request, route.handler, problems, fault)
        self._violations.extend(described.response_errors(answer.status, answer.body))
        return self._response(answer)

    def _act(
        self,
        call: Call,
        request: Request,
        handler: Handler,
        problems: list[str],
        fault: Fault | None,
    ) -> Answer:
        try:
            if fault and fault.status:
                raise refused(fault.status, fault.message, headers=fault.headers)
            if not request.headers.get("User-Agent"):
                raise refused(403, "Request forbidden by administrative rules.")
            if request.client and call.token is None:
                raise unauthorized()
            if problems:
                raise refused(422, f"Invalid request.\n\n{problems[0]}")
            with self._state.lock:
                return handler(call)
        except RefusedError as error:
            return error.answer

    def _response(self, answer: Answer) -> Response:
        if answer.status >= 500:
            return Response(answer.status, (("Content-Type", "text/html"),), _UNICORN)
        with self._lock:
            self._used += 1
            used = self._used
        headers = (
            ("X-GitHub-Media-Type", "github.v3; format=json"),
            ("X-GitHub-Request-Id", f"{used:04X}"),
            ("x-ratelimit-limit", str(_A_LIMIT)),
            ("x-ratelimit-remaining", str(max(_A_LIMIT - used, 1))),
            ("x-ratelimit-used", str(used)),
            ("x-ratelimit-reset", "1767229200"),
            ("x-ratelimit-resource", "core"),
            *answer.headers,
        )
        if answer.body is None:
            return Response(answer.status, headers)
        kind = ("Content-Type", "application/json; charset=utf-8")
        return Response(answer.status, (*headers, kind), json.dumps(answer.body).encode())
