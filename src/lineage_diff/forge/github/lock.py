"""A lock on a comment or an issue, by the reaction `eyes`: GitHub has no compare-and-swap.

Creating a reaction that the user already has answers 200, a new one 201: of several runs with the
same user only one gets 201. https://docs.github.com/rest/reactions/reactions
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.reactions import has_reacted, react, unreact

CONTENT = "eyes"
# In seconds. An older lock is broken, because a killed run never releases its lock.
STALE = 60.0
# In seconds. A run that holds the lock longer does not write: the lock may be broken meanwhile.
_WORK = 20.0
_PAUSE = 2.0
_TRIES = 40
# Seconds before an edit is retried that GitHub failed to make or to answer.
_EDIT_PAUSE = 3.0


class Again(Struct, frozen=True):
    """What is there has changed, or an edit failed: read it again, `after` this many seconds."""

    after: float = 0.0


def try_edit(edit: Callable[[], None]) -> Again | None:
    """Edit once, and return `None`; if GitHub failed or what is edited is gone, when to read again.

    Raises `RefusedError` if GitHub refuses.
    """
    try:
        edit()
    except RefusedError as refused:
        if not refused.passing and not refused.absent:
            raise
        return Again(_EDIT_PAUSE if refused.retry_after is None else refused.retry_after)
    return None


@contextmanager
def hold_lock(github: GitHub, path: str) -> Iterator[Callable[[], bool]]:
    """Hold the lock of a comment or issue, by its path, within the block, and always release it.

    Yields a function that returns whether the block may still write. If the token has no permission
    to react, the block runs without a lock. Raises `RefusedError` if another run holds the lock for
    too long, or if GitHub fails.
    """
    reaction = _try_to_lock(github, path)
    # The lock may be older than this by one response, and a write may arrive later by one.
    taken = github.spent
    try:
        yield lambda: github.spent - taken < _WORK
    finally:
        if reaction is not None:
            with suppress(RefusedError):
                unreact(github, path, reaction)


def release_stale_lock(github: GitHub, path: str, login: str) -> None:
    """Release a lock left behind by a run of this user, unless it may be in use."""
    if not has_reacted(github, path, CONTENT, login):
        return
    reaction = react(github, path, CONTENT)
    if reaction.new or reaction.age > STALE:
        unreact(github, path, reaction.id)


def _try_to_lock(github: GitHub, path: str) -> int | None:
    for _ in range(_TRIES):
        try:
            reaction = react(github, path, CONTENT)
        except RefusedError as refused:
            if refused.forbidden or refused.status == 422:
                return None
            if not refused.passing:
                raise
            # If the response was lost, only the reaction's age shows whether it is ours.
            github.wait(_PAUSE if refused.retry_after is None else refused.retry_after)
            continue
        if reaction.new:
            return reaction.id
        if reaction.age > STALE:
            unreact(github, path, reaction.id)
        else:
            github.wait(_PAUSE)
    raise RefusedError(None)
