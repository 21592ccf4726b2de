"""Publish the comment on a pull request: exactly one, even after failures."""

from msgspec.structs import replace

from lineage_diff.forge.github.author import Author
from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.comments.leftovers import sweep
from lineage_diff.forge.github.comments.plan import MarkedComments
from lineage_diff.forge.github.comments.writer import CommentWriter
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.marker import marker_of
from lineage_diff.forge.github.pull_requests import get_pull_request
from lineage_diff.forge.publication import Comment, Note, Published, Target

# Rounds: another run may create or delete a comment between two of our requests.
_ROUNDS = 6


def publish_comment(github: GitHub, target: Target, comment: Comment) -> Published:
    """Create or update the comment of the target's pull request and id.

    A run writes only while its commit is the pull request's head, and updates only under a lock, so
    that the newest head wins in any order of runs. A comment with the same text is left unchanged.
    The old comment stays until the new text replaces it. Anything not published is a note. Raises
    `ValueError` for an invalid id.
    """
    marker = marker_of(target)
    try:
        pull_request = get_pull_request(github, target)
    except RefusedError as refused:
        why = "gone" if refused.absent else refused.why
        return Published("nothing", notes=(Note("comment", why, refused.message),))
    if pull_request.head_commit != target.head_commit:
        return Published("nothing", notes=(Note("comment", "superseded"),))
    if not pull_request.is_open:
        # Images stored after the pull request was closed would never be removed.
        comment = replace(comment, images=None)
    author = Author(github)
    writer = CommentWriter(github, target, comment, marker, pull_request.server, author)
    url = None
    try:
        for _ in range(_ROUNDS):
            there = writer.look()
            url = there.stays.url if there.stays else None
            done = writer.write(there)
            if isinstance(done, Published):
                notes = sweep(github, target, there.stays, author)
                return replace(done, notes=done.notes + _imitation_notes(there) + notes)
            if done.after:
                github.wait(done.after)
    except RefusedError as refused:
        return Published("nothing", url, (Note("comment", refused.why, refused.message),))
    return Published("nothing", url, (Note("comment", "unavailable"),))


def _imitation_notes(there: MarkedComments) -> tuple[Note, ...]:
    return (Note("comment", "imitated", there.imitation.url),) if there.imitation else ()
