"""What was asked of the stand-in, in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logged:
    """One request. `n` counts from 1; `path` has no `/api/v3`; `status` is `None` where the
    connection was cut before an answer, `operation` GitHub's `operationId` or `None` outside of
    the API, `client` the token it came with, `fault` the name of what was broken on purpose."""

    n: int
    method: str
    path: str
    query: str
    operation: str | None
    client: str
    status: int | None
    fault: str | None

    @property
    def writes(self) -> bool:
        """Whether the request would change anything; a question to GraphQL does not."""
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/graphql")
