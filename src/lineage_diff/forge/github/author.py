"""The user that a token writes as. Only comments and issues by this user are our own.

Anyone can copy a marker, and every user with write access can edit any comment or issue, so neither
the text nor a successful edit proves the author.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.create_once import create
from lineage_diff.forge.github.errors import RefusedError

_VIEWER = "query { viewer { login } }"
_EDITOR = "query($id: ID!) { node(id: $id) { ... on Comment { editor { login } } } }"


class Written(Protocol):
    """A comment or an issue: its author's login, and its id in GraphQL."""

    @property
    def author(self) -> str:
        """The login; empty if the account was deleted."""

    @property
    def node_id(self) -> str:
        """The id in GraphQL."""


class Author:
    """The token's user. GitHub is asked at most once, and only if needed."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._login: str | None = None

    def login(self) -> str:
        """Return the login. Raises `RefusedError` if GitHub does not name it."""
        if self._login is None:
            self._login = _viewer(self._github) or _user(self._github)
        return self._login

    def wrote_last(self, written: Written) -> bool:
        """Return whether the token's user made the last edit; false if unknown.

        https://docs.github.com/graphql/reference/interfaces#comment
        """
        try:
            body = _query(self._github, _EDITOR, {"id": written.node_id})
        except RefusedError as refused:
            if refused.forbidden:
                return False
            raise
        node = _value(body, "data", "node")
        if not isinstance(node, Mapping) or "editor" not in node:
            return False
        # For an editor, unlike for `viewer`, GraphQL omits the `[bot]` of an app's user.
        own = self.login().removesuffix("[bot]")
        return node["editor"] is None or _value(node, "editor", "login") in (own, self.login())

    def learn(self, posted: Written) -> None:
        """Set the login to the author of what this token has just created."""
        self._login = self._login or posted.author or None


def _viewer(github: GitHub) -> str | None:
    """Query GraphQL, which also accepts the tokens of apps and jobs (`NAME[bot]`).

    https://docs.github.com/graphql/reference/queries#viewer
    """
    try:
        login = _value(_query(github, _VIEWER, {}), "data", "viewer", "login")
    except RefusedError as refused:
        if refused.forbidden:
            return None
        raise
    return login if isinstance(login, str) and login else None


def _query(github: GitHub, query: str, variables: Mapping[str, str]) -> Any:
    # A query changes nothing, so it may be repeated.
    question = {"query": query, "variables": variables}
    return create(github, lambda: github.ask_graphql(question).body, lambda: None)


def _value(body: Any, *path: str) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _user(github: GitHub) -> str:
    """Query REST, which refuses the tokens of apps.

    https://docs.github.com/rest/users/users#get-the-authenticated-user
    """
    try:
        return str(github.ask("GET", "/user").body["login"])
    except RefusedError as refused:
        if refused.forbidden and refused.status != 401:
            raise RefusedError(None) from None
        raise
