"""Our comment on a pull request: one for ever, whatever happens on the way."""

from contextlib import suppress
from dataclasses import dataclass, replace

from lineage_diff.publish import comments, images
from lineage_diff.publish.client import GitHub
from lineage_diff.publish.comment_plan import Ours, is_newer, made_by, ours, same
from lineage_diff.publish.comments import Found
from lineage_diff.publish.create import create
from lineage_diff.publish.lock import locked
from lineage_diff.publish.marker import Marker, marker_of, with_marker
from lineage_diff.publish.publication import Comment, ImageUrls, Note, Published, Target
from lineage_diff.publish.pull_requests import get_pull_request
from lineage_diff.publish.refused import RefusedError

# Another run may make, or delete, a comment between two of our calls; not each time.
_ROUNDS = 4
_SUPERSEDED = Note("comment", "superseded")


def publish_comment(github: GitHub, target: Target, comment: Comment) -> Published:
    """Create or update the comment of the target's pull request and id.

    A run writes only while its commit is the pull request's head, and an update only under a lock,
    so that the newest head wins however runs interleave. A comment that says the same already is
    left alone. Whatever GitHub does, the old comment stays until the new text is in its place;
    what was not published is a note. Raises `ValueError` for an id that no marker can hold.
    """
    marker = marker_of(target)
    try:
        pull_request = get_pull_request(github, target)
    except RefusedError as refused:
        why = "gone" if refused.absent else refused.why
        return Published("nothing", notes=(Note("comment", why, refused.message),))
    if pull_request.head_commit != target.head_commit:
        return Published("nothing", notes=(_SUPERSEDED,))
    writer = _Writer(github, target, comment, marker, pull_request.server)
    url = None
    try:
        for _ in range(_ROUNDS):
            there = ours(
                comments.list_comments(github, target.repository, target.pull_request), target.id
            )
            url = there.stays.url if there.stays else None
            done = writer.write(there)
            if done is not None:
                return done
    except RefusedError as refused:
        return Published("nothing", url, (Note("comment", refused.why, refused.message),))
    return Published("nothing", url, (Note("comment", "unavailable"),))


@dataclass(frozen=True, slots=True)
class _Text:
    """A comment's text, whether its pictures are hosted, and why they are not."""

    text: str
    hosted: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Writer:
    """One run's way to write one comment. A method returns `None` where it must look again."""

    github: GitHub
    target: Target
    comment: Comment
    marker: Marker
    server: str

    def write(self, there: Ours) -> Published | None:
        """Write the comment that is wanted over those that are there."""
        if there.stays is None:
            return self._create() if self.comment.create else Published("nothing")
        if not there.copies and any(
            same(there.stays, self.marker, text) for text in self._expected()
        ):
            return Published("unchanged", there.stays.url)
        with locked(self.github, self.target.repository, there.stays.id):
            return self._update(there.stays, there.copies)

    def _update(self, stays: Found, copies: tuple[Found, ...]) -> Published | None:
        head = get_pull_request(self.github, self.target).head_commit
        current = comments.get_comment(self.github, self.target.repository, stays.id)
        if current is None:
            return None
        if head != self.target.head_commit or is_newer(current, self.marker):
            return Published("nothing", current.url, (_SUPERSEDED,))
        text = self._text()
        done = Published("unchanged", current.url, text.notes)
        if not same(current, self.marker, text.text):
            body = with_marker(self.marker, text.text)
            comments.edit_comment(self.github, self.target.repository, current.id, body)
            done = replace(done, done="updated")
        return replace(done, notes=done.notes + self._tidy(copies, text.hosted))

    def _create(self) -> Published | None:
        text = self._text()
        body = with_marker(self.marker, text.text)
        made = create(
            self.github,
            lambda: comments.post_comment(
                self.github, self.target.repository, self.target.pull_request, body
            ),
            lambda: made_by(self._listed(), self.marker, text.text),
        )
        with suppress(RefusedError):
            there = ours(self._listed(), self.target.id)
            if there.stays is not None and there.stays.id != made.id:
                # Another run was first: its comment stays, and is written over if it is older.
                comments.delete_comment(self.github, self.target.repository, made.id)
                return None
        return Published("created", made.url, text.notes)

    def _listed(self) -> tuple[Found, ...]:
        return comments.list_comments(self.github, self.target.repository, self.target.pull_request)

    def _expected(self) -> tuple[str, ...]:
        wanted = self.comment.images
        without = self.comment.text(None)
        if wanted is None:
            return (without,)
        urls = images.expected_urls(wanted, self.server, self.target.repository)
        return without, self.comment.text(urls)

    def _text(self) -> _Text:
        wanted = self.comment.images
        if wanted is None:
            return _Text(self.comment.text(None))
        try:
            urls: ImageUrls = images.host_images(self.github, self.target, wanted, self.server)
        except RefusedError as refused:
            note = Note("images", refused.why, refused.message)
            return _Text(self.comment.text(None), notes=(note,))
        return _Text(self.comment.text(urls), hosted=True)

    def _tidy(self, copies: tuple[Found, ...], hosted: bool) -> tuple[Note, ...]:
        try:
            for copy in copies:
                comments.delete_comment(self.github, self.target.repository, copy.id)
            if hosted:
                images.drop_others(self.github, self.target)
        except RefusedError as refused:
            return (Note("cleanup", refused.why, refused.message),)
        return ()
