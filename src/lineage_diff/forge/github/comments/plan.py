"""Classify the existing comments, identically in every run and without any request."""

from collections.abc import Iterable

from msgspec import Struct

from lineage_diff.forge.github.comments.api import FoundComment
from lineage_diff.forge.github.marker import Marker, has_id, with_marker


class MarkedComments(Struct, frozen=True):
    """The comments of one id. The oldest of our own is kept; its duplicates are to be removed.

    `stays` is the kept one, `copies` the duplicates. `imitation` is the oldest by another user.
    """

    stays: FoundComment | None
    copies: tuple[FoundComment, ...] = ()
    imitation: FoundComment | None = None

    @property
    def all(self) -> tuple[FoundComment, ...]:
        """All of our own comments, oldest first."""
        return (self.stays, *self.copies) if self.stays is not None else ()


def find_marked(comments: Iterable[FoundComment], comment_id: str) -> tuple[FoundComment, ...]:
    """Return the comments by any user that begin with a marker of that `Target.id`."""
    return tuple(comment for comment in sorted(comments) if has_id(comment.body, comment_id))


def classify_comments(marked: Iterable[FoundComment], login: str) -> MarkedComments:
    """Classify the marked comments by author; `login` is the token's user."""
    found = sorted(marked)
    own = tuple(comment for comment in found if comment.author == login)
    imitation = next((comment for comment in found if comment.author != login), None)
    return MarkedComments(own[0] if own else None, own[1:], imitation)


def find_exact(ours: Iterable[FoundComment], marker: Marker, text: str) -> FoundComment | None:
    """Return the own comment with exactly this marker and text; `None` if there is none."""
    body = with_marker(marker, text).rstrip()
    for comment in ours:
        if comment.body.replace("\r\n", "\n").rstrip() == body:
            return comment
    return None
