"""GitHub said no, or did not say anything."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from lineage_diff.publish.publication import NotPublished

_P = ParamSpec("_P")
_T = TypeVar("_T")
_FORBIDDEN = (401, 403, 404)


@dataclass(eq=False)
class RefusedError(Exception):
    """An answer that is no success; `status` is `None` where none came.

    `retry_after` in seconds, where GitHub asked for patience. `unsure` where it may have acted all
    the same: it broke down, or its answer was lost.
    """

    status: int | None
    message: str = ""
    retry_after: float | None = None
    unsure: bool = False

    @property
    def forbidden(self) -> bool:
        """Whether the token may not do this. GitHub answers 404 where it hides what there is."""
        return self.status in _FORBIDDEN and self.retry_after is None

    @property
    def passing(self) -> bool:
        """Whether it may go well when it is asked again."""
        return self.unsure or self.retry_after is not None

    @property
    def absent(self) -> bool:
        """Whether what was asked for is not there, or not to be seen."""
        return self.status in (404, 410)

    @property
    def why(self) -> NotPublished:
        """Return why nothing was published."""
        if self.status == 403 and "is locked" in self.message:
            return "locked"
        if self.status == 410:
            return "gone"
        return "forbidden" if self.forbidden else "unavailable"


def understood(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a reader of GitHub's documents raise `RefusedError` for one that is not as described."""

    @wraps(read)
    def reading(*arguments: _P.args, **options: _P.kwargs) -> _T:
        try:
            return read(*arguments, **options)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RefusedError(None, unsure=True) from None

    return reading
