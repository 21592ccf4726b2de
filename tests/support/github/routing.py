"""Finds who answers a request."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from tests.support.github.answers import Answer, not_accessible, not_found, unauthorized
from tests.support.github.links import Links
from tests.support.github.records import Pull, Repository
from tests.support.github.state import State
from tests.support.github.tokens import Access, Area, Token


@dataclass(frozen=True)
class Call:
    """One request to an operation. `token` is `None` if it has none. `path` holds the
    parameters of the description's path, `address` the whole URL without its query."""

    state: State
    links: Links
    token: Token | None
    path: dict[str, str]
    query_string: str
    payload: bytes
    address: str

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string))

    @cached_property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.payload or b"{}")
        return body

    @cached_property
    def repository(self) -> Repository:
        """The repository of the path. 404 when the token may not see it, as GitHub has it."""
        name = f"{self.path['owner']}/{self.path['repo']}".lower()
        for full_name, repository in self.state.repositories.items():
            if full_name.lower() == name:
                if repository.private and not (self.token and self.token.reaches(repository)):
                    raise not_found()
                return repository
        raise not_found()

    def number(self, parameter: str) -> int:
        """Return a parameter of the path that is a number."""
        return int(self.path[parameter])

    def need(self, access: Access, *areas: Area) -> Token | None:
        """Raise 401 or 403 unless the token may do that in one of the areas. Returns it; `None`
        where a request without a token asks for something public."""
        if self.token is None:
            if access == "read" and not self.repository.private:
                return None
            raise unauthorized("Requires authentication")
        if not self.token.may(access, self.repository, *areas):
            raise not_accessible()
        return self.token

    def need_write(self, *areas: Area) -> Token:
        """Raise 401 or 403 unless the token may write in one of the areas."""
        token = self.need("write", *areas)
        if token is None:
            raise unauthorized("Requires authentication")
        return token

    def pull(self, parameter: str) -> Pull:
        """Return the pull request whose number is a parameter of the path, or raise 404."""
        try:
            return self.state.pulls[self.repository.full_name, self.number(parameter)]
        except KeyError:
            raise not_found() from None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """An operation that is served: its method and path as the description has them."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler


# The names of refs and the paths of files hold slashes, which GitHub takes as they are.
_WITH_SLASHES = frozenset(("ref", "path"))


def route(method: str, template: str) -> Callable[[Handler], Route]:
    """Let a function answer the operation that the description has under a method and a path."""

    def parameter(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{'.+' if found[1] in _WITH_SLASHES else '[^/]+'})"

    pattern = re.compile(re.sub(r"{(\w+)}", parameter, template) + r"\Z")
    return lambda handler: Route(method, template, pattern, handler)


def served(*areas: ModuleType) -> tuple[Route, ...]:
    """Return all routes of modules."""
    return tuple(
        value for area in areas for value in vars(area).values() if isinstance(value, Route)
    )
