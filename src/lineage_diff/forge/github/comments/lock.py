"""A lock on a comment, for GitHub has no compare-and-swap: the reaction `eyes`.

Creating a reaction that this user has to the comment answers 200, a new one 201: of several runs
with the same user only one gets 201. https://docs.github.com/rest/reactions/reactions
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.comments.api import has_reacted, react, unreact
from lineage_diff.forge.github.errors import RefusedError

CONTENT = "eyes"
# One that was killed never lets go: so old, it is broken. In seconds.
STALE = 60.0
# A run that holds it longer writes no more: it may be broken before what it asks is done.
_WORK = 20.0
_PAUSE = 2.0
_TRIES = 40


@contextmanager
def locked(github: GitHub, repository: str, comment: int) -> Iterator[Callable[[], bool]]:
    """Hold the lock of a comment within the block, and let go of it in any case.

    The block gets a function that tells whether it may still write. Where this token may not
    react, the block runs without. Raises `RefusedError` when another run holds the lock for longer
    than this one can wait, or GitHub fails.
    """
    reaction = _taken(github, repository, comment)
    # The lock is older by one answer at most, as what is written then comes later by one.
    taken = github.spent
    try:
        yield lambda: github.spent - taken < _WORK
    finally:
        if reaction is not None:
            with suppress(RefusedError):
                unreact(github, repository, comment, reaction)


def let_go_of_stale(github: GitHub, repository: str, comment: int, login: str) -> None:
    """Take back the lock that a run of this user left behind; one that may be in use stays."""
    if not has_reacted(github, repository, comment, CONTENT, login):
        return
    reaction = react(github, repository, comment, CONTENT)
    if reaction.new or reaction.age > STALE:
        unreact(github, repository, comment, reaction.id)


def _taken(github: GitHub, repository: str, comment: int) -> int | None:
    for _ in range(_TRIES):
        try:
            reaction = react(github, repository, comment, CONTENT)
        except RefusedError as refused:
            if refused.forbidden or refused.status == 422:
                return None
            if not refused.passing:
                raise
            # What an answer that was lost would have said, only the reaction's age can tell.
            github.wait(_PAUSE if refused.retry_after is None else refused.retry_after)
            continue
        if reaction.new:
            return reaction.id
        if reaction.age > STALE:
            unreact(github, repository, comment, reaction.id)
        else:
            github.wait(_PAUSE)
    raise RefusedError(None)
