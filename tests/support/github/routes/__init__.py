"""What the stand-in serves, one file per area of the API."""

from tests.support.github.routes import (
    actions,
    checks,
    comments,
    git_objects,
    git_refs,
    issues,
    repositories,
)
from tests.support.github.routing import Route, served

ROUTES: tuple[Route, ...] = served(
    repositories, issues, comments, checks, git_objects, git_refs, actions
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request and the parameters of its path, still percent-encoded."""
    for candidate in ROUTES:
        found = candidate.pattern.match(path)
        if candidate.method == method and found:
            return candidate, found.groupdict()
    return None
