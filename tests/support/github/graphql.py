"""The two questions of GraphQL that the Action asks, held to the words of GitHub's schema.

https://docs.github.com/graphql/overview/public-schema
"""

import json
from typing import Any

from tests.support.github.exchange import Request, Response
from tests.support.github.records import User
from tests.support.github.shapes import node_id
from tests.support.github.state import State
from tests.support.github.tokens import Token

_VIEWER = "query { viewer { login } }"
_EDITOR = "query($id: ID!) { node(id: $id) { ... on Comment { editor { login } } } }"
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


def answer_graphql(request: Request, state: State, token: Token | None) -> Response | None:
    """Answer a question; `None` to one that is not known here."""
    if token is None:
        return _answer(401, {"message": "Bad credentials"})
    asked = json.loads(request.body)
    if asked["query"] == _VIEWER:
        return _answer(200, {"data": {"viewer": {"login": token.user.login}}})
    if asked["query"] == _EDITOR:
        return _answer(200, {"data": {"node": _node(state, asked["variables"]["id"])}})
    return None


def _node(state: State, wanted: str) -> dict[str, Any] | None:
    with state.lock:
        for comment in state.comments.values():
            if node_id("IssueComment", comment.id) == wanted:
                return {"editor": _actor(comment.editor)}
        for issue in state.issues.values():
            if node_id("Issue", issue.id) == wanted:
                return {"editor": _actor(issue.editor)}
    return None


def _actor(user: User | None) -> dict[str, str] | None:
    """An `Actor`: the login of an app's is without the suffix that the REST API gives it."""
    return None if user is None else {"login": user.login.removesuffix("[bot]")}


def _answer(status: int, body: Any) -> Response:
    return Response(status, _JSON, json.dumps(body).encode())
