"""What to do with the comments that are there: decided alike by every run, without any call."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from lineage_diff.publish.comments import Found
from lineage_diff.publish.marker import Marker, read_marker, with_marker


@dataclass(frozen=True, slots=True)
class Ours:
    """The comments of one id. The oldest is the one that stays; `copies` are to be removed."""

    stays: Found | None
    copies: tuple[Found, ...] = ()


def ours(comments: Iterable[Found], comment_id: str, without: Container[int] = ()) -> Ours:
    """Pick the comments of that `Target.id`; none that a stranger may have written.

    Nor any of `without`, which are ids of comments that are not ours to edit.
    """
    found = sorted(
        comment
        for comment in comments
        if comment.trusted and comment.id not in without and _has_id(comment, comment_id)
    )
    return Ours(found[0] if found else None, tuple(found[1:]))


def doubtful(comments: Iterable[Found], comment_id: str) -> bool:
    """Tell whether a comment with our marker is trusted only if this token's user wrote it."""
    return any(not comment.trusted and _has_id(comment, comment_id) for comment in comments)


def trusting(comments: Iterable[Found], author: str | None) -> tuple[Found, ...]:
    """Return the comments, and trust those of that author as well."""
    return tuple(
        replace(comment, trusted=comment.trusted or comment.author == author)
        for comment in comments
    )


def same(comment: Found, marker: Marker, text: str) -> bool:
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


def is_newer(comment: Found, marker: Marker) -> bool:
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


def made_by(comments: Iterable[Found], marker: Marker, text: str) -> Found | None:
    """Find the comment with exactly this body."""
    body = with_marker(marker, text).rstrip()
    for comment in sorted(comments):
        if comment.trusted and comment.body.replace("\r\n", "\n").rstrip() == body:
            return comment
    return None


def _has_id(comment: Found, comment_id: str) -> bool:
    read = read_marker(comment.body)
    return read is not None and read[0].id == comment_id
