"""What to do with the comments that are there: decided alike by every run, without any call."""

from collections.abc import Iterable

from msgspec import Struct

from lineage_diff.forge.github.comments.api import FoundComment
from lineage_diff.forge.github.comments.marker import Marker, read_marker, with_marker


class Ours(Struct, frozen=True):
    """The comments of one id. The oldest is the one that stays; `copies` are to be removed.

    `imitation` is the oldest that another user wrote.
    """

    stays: FoundComment | None
    copies: tuple[FoundComment, ...] = ()
    imitation: FoundComment | None = None

    @property
    def all(self) -> tuple[FoundComment, ...]:
        """All of them, the oldest first."""
        return (self.stays, *self.copies) if self.stays is not None else ()


def marked(comments: Iterable[FoundComment], comment_id: str) -> tuple[FoundComment, ...]:
    """Return the comments that begin with a marker of that `Target.id`, whoever wrote them."""
    return tuple(comment for comment in sorted(comments) if _has_id(comment, comment_id))


def ours(marked: Iterable[FoundComment], login: str) -> Ours:
    """Pick of the marked comments those that this user wrote, which is the token's own."""
    found = sorted(marked)
    own = tuple(comment for comment in found if comment.author == login)
    imitation = next((comment for comment in found if comment.author != login), None)
    return Ours(own[0] if own else None, own[1:], imitation)


def same(comment: FoundComment, marker: Marker, text: str) -> bool:
    """Tell whether a comment says that of that commit already.

    The run that made it does not matter: a later one of the same commit that says the same leaves
    it alone. Of another commit it is written anew, even with the same text: the marker then holds
    the newest commit that was judged.
    """
    read = read_marker(comment.body)
    if read is None:
        return False
    return (read[0].head_commit, read[1].rstrip()) == (
        marker.head_commit,
        text.replace("\r\n", "\n").rstrip(),
    )


def is_newer(comment: FoundComment, marker: Marker) -> bool:
    """Tell whether a later run made a comment of the same commit.

    Of another commit it is older, or a newer one's: then that one is the pull request's head.
    """
    read = read_marker(comment.body)
    return (
        read is not None
        and read[0].id == marker.id
        and read[0].head_commit == marker.head_commit
        and read[0].run > marker.run
    )


def made_by(ours: Iterable[FoundComment], marker: Marker, text: str) -> FoundComment | None:
    """Find the comment of ours with exactly this body."""
    body = with_marker(marker, text).rstrip()
    for comment in ours:
        if comment.body.replace("\r\n", "\n").rstrip() == body:
            return comment
    return None


def _has_id(comment: FoundComment, comment_id: str) -> bool:
    read = read_marker(comment.body)
    return read is not None and read[0].id == comment_id
