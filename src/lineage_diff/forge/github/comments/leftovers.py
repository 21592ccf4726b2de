"""Remove images and locks that failed or stopped runs left behind."""

from contextlib import suppress

from lineage_diff.forge.github import images
from lineage_diff.forge.github.author import Author
from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.comments.api import FoundComment, comment_path, list_marked
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.lock import release_stale_lock
from lineage_diff.forge.github.pull_requests import get_pull_request
from lineage_diff.forge.publication import Note, Target


def sweep(
    github: GitHub, target: Target, comment: FoundComment | None, author: Author
) -> tuple[Note, ...]:
    """Remove the images of other heads, and a stale lock of the comment.

    Only the run of the pull request's head removes anything. If GitHub does not answer, the next
    run tries again. Returns notes on what could not be removed.
    """
    if comment is not None:
        _unlock(github, target.repository, comment, author)
    try:
        refs = images.refs_of(github, target)
        # Read after the refs were listed, so that no ref belongs to a later head.
        pull_request = get_pull_request(github, target) if refs else None
    except RefusedError:
        return ()
    if pull_request is None or pull_request.head_commit != target.head_commit:
        return ()
    try:
        images.drop(github, target, refs, keep_own=pull_request.is_open)
    except RefusedError as refused:
        return (Note("cleanup", refused.why, refused.message),)
    return ()


def clear(github: GitHub, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Remove the images and stale locks of a closed pull request."""
    notes = images.remove_images(github, repository, pull_request)
    author = Author(github)
    with suppress(RefusedError):
        for comment in list_marked(github, repository, pull_request):
            _unlock(github, repository, comment, author)
    return notes


def _unlock(github: GitHub, repository: str, comment: FoundComment, author: Author) -> None:
    with suppress(RefusedError):
        if comment.eyes and comment.author == author.login():
            path = comment_path(repository, comment.id)
            release_stale_lock(github, path, comment.author)
