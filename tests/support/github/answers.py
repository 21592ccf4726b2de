"""Answers to requests, with the bodies that GitHub gives to errors."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

_DOCUMENTATION = "https://docs.github.com/rest"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a JSON body, or with none."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class RefusedError(Exception):
    """An error answer, raised from wherever it is found."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def refused(
    status: int,
    message: str,
    *problems: dict[str, str],
    headers: tuple[tuple[str, str], ...] = (),
) -> RefusedError:
    """Return an error with the body that GitHub gives it; `problems` are those of a 422."""
    body: dict[str, Any] = {"message": message}
    if problems:
        body["errors"] = list(problems)
    body |= {"documentation_url": _DOCUMENTATION, "status": str(status)}
    return RefusedError(Answer(status, body, headers))


def not_found() -> RefusedError:
    """Return GitHub's 404, also for what the token may not see."""
    return refused(404, "Not Found")


def not_accessible() -> RefusedError:
    """Return the 403 that a token of an app gets without the permission."""
    return refused(403, "Resource not accessible by integration")


def unauthorized(message: str = "Bad credentials") -> RefusedError:
    """Return GitHub's 401."""
    return refused(401, message)


def invalid(resource: str, field_name: str, code: str, message: str) -> RefusedError:
    """Return GitHub's 422 with one problem."""
    problem = {"resource": resource, "field": field_name, "code": code, "message": message}
    return refused(422, "Validation Failed", problem)


def page(
    items: Sequence[_T],
    show: Callable[[_T], Any],
    query: dict[str, str],
    address: str,
    wrap: Callable[[list[Any]], Any] = lambda shown: shown,
) -> Answer:
    """Answer with one page of items, and with the `Link` header to the others.

    GitHub's rules: `per_page` is 30 unless given and 100 at most; no header where there is one
    page (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
    """
    size = min(max(int(query.get("per_page", "30")), 1), 100)
    number = max(int(query.get("page", "1")), 1)
    last = max(math.ceil(len(items) / size), 1)
    targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number <= 1:
        del targets["prev"], targets["first"]
    if number >= last:
        del targets["next"], targets["last"]
    links = ", ".join(
        f'<{address}?{urlencode(query | {"page": str(target)})}>; rel="{name}"'
        for name, target in targets.items()
    )
    shown = [show(item) for item in items[(number - 1) * size : number * size]]
    return Answer(200, wrap(shown), (("Link", links),) if links else ())
