"""Write one comment for one run. Before each write, check whether it is still needed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from msgspec import Struct

from lineage_diff.forge.github import images
from lineage_diff.forge.github.author import Author
from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.comments import api as comments
from lineage_diff.forge.github.comments.api import FoundComment
from lineage_diff.forge.github.comments.plan import (
    MarkedComments,
    classify_comments,
    find_exact,
    find_marked,
)
from lineage_diff.forge.github.comments.state import earlier_state, with_states
from lineage_diff.forge.github.create_once import create
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.lock import Again, hold_lock, try_edit
from lineage_diff.forge.github.marker import Marker, is_by, is_newer_body, is_same_body, with_marker
from lineage_diff.forge.github.pull_requests import get_pull_request
from lineage_diff.forge.publication import (
    Comment,
    Earlier,
    ImageUrls,
    Note,
    Published,
    Target,
)

_SUPERSEDED = Note("comment", "superseded")


class _Text(Struct, frozen=True):
    """A comment's text, whether its images are hosted, and notes if they are not."""

    text: str
    hosted: bool = False
    notes: tuple[Note, ...] = ()


class CommentWriter(Struct, frozen=True):
    """Writes one comment for one run. `server` is the web URL of this GitHub server."""

    github: GitHub
    target: Target
    comment: Comment
    marker: Marker
    server: str
    author: Author

    def look(self) -> MarkedComments:
        """Return the comments of our id by the token's user.

        Raises `RefusedError` also if marked comments exist and GitHub does not name the token's
        user.
        """
        target = self.target
        found = comments.list_marked(self.github, target.repository, target.pull_request)
        candidates = find_marked(found, target.id)
        return (
            classify_comments(candidates, self.author.login())
            if candidates
            else MarkedComments(None)
        )

    def write(self, there: MarkedComments) -> Published | Again:
        """Create or update the comment, given the existing ones."""
        if there.stays is None:
            return self._create() if self.comment.create else Published("nothing")
        for expected in self._expected(self._earlier(there.stays)):
            if not there.copies and is_same_body(there.stays.body, self.marker, expected.text):
                return self._leave(there.stays, expected)
        repository = self.target.repository
        with hold_lock(self.github, comments.comment_path(repository, there.stays.id)) as may_write:
            return self._update(there, may_write)

    def _update(self, there: MarkedComments, may_write: Callable[[], bool]) -> Published | Again:
        stays = there.stays
        current = self._current(stays.id) if stays is not None else None
        if current is None:
            return Again()
        if not self._is_head() or self._is_newer(current):
            return Published("nothing", current.url, (_SUPERSEDED,))
        text = self._text(self._earlier(current))
        unchanged = is_same_body(current.body, self.marker, text.text)
        if not unchanged:
            if not may_write():
                return Again()
            again = try_edit(partial(self._edit, current.id, text.text))
            if again is not None:
                return again
        notes = text.notes + self._remove(there.copies)
        return Published("unchanged" if unchanged else "updated", current.url, notes)

    def _edit(self, comment: int, text: str) -> None:
        body = with_marker(self.marker, text)
        comments.edit_comment(self.github, self.target.repository, comment, body)

    def _create(self) -> Published | Again:
        text = self._text()
        body = with_marker(self.marker, text.text)
        repository, number = self.target.repository, self.target.pull_request
        made = create(
            self.github,
            lambda: comments.post_comment(self.github, repository, number, body),
            lambda: find_exact(self.look().all, self.marker, text.text),
        )
        self.author.learn(made)
        published = Published("created", made.url, text.notes)
        try:
            there = self.look()
            is_head = self._is_head()
        except RefusedError:
            return published
        if there.stays is not None and there.stays.id != made.id:
            # Another run was first: its comment is kept, and updated if it is older.
            with suppress(RefusedError):
                comments.delete_comment(self.github, repository, made.id)
            return Again()
        return published if is_head else self._take_back(made)

    def _take_back(self, made: FoundComment) -> Published:
        """Delete a comment created after a push: the newer head may need no comment."""
        path = comments.comment_path(self.target.repository, made.id)
        with hold_lock(self.github, path) as may_write:
            current = self._current(made.id)
            if current is not None and is_by(self.marker, current.body) and may_write():
                comments.delete_comment(self.github, self.target.repository, made.id)
                current = None
        return Published("nothing", current.url if current else None, (_SUPERSEDED,))

    def _leave(self, stays: FoundComment, text: _Text) -> Published:
        """Keep a comment with the same text; restore images lost by closing the pull request."""
        notes: tuple[Note, ...] = ()
        if text.hosted:
            with suppress(RefusedError):
                if not images.are_kept(self.github, self.target):
                    notes = self._text(self._earlier(stays)).notes
        return Published("unchanged", stays.url, notes)

    def _current(self, comment: int) -> FoundComment | None:
        return comments.get_comment(self.github, self.target.repository, comment)

    def _is_head(self) -> bool:
        return get_pull_request(self.github, self.target).head_commit == self.target.head_commit

    def _is_newer(self, current: FoundComment) -> bool:
        """Return whether a later run wrote the comment; another user may have forged that."""
        return is_newer_body(current.body, self.marker) and self.author.wrote_last(current)

    def _earlier(self, current: FoundComment | None) -> Earlier | None:
        return earlier_state(current.body, self.target.head_commit) if current else None

    def _markdown(self, urls: ImageUrls | None, earlier: Earlier | None) -> str:
        comment = self.comment
        if earlier is None or comment.text_since is None:
            return with_states(comment.text(urls), comment.state, None)
        return with_states(comment.text_since(urls, earlier), comment.state, earlier)

    def _expected(self, earlier: Earlier | None) -> Iterator[_Text]:
        wanted = self.comment.images
        yield _Text(self._markdown(None, earlier))
        if wanted is not None:
            urls = images.expected_urls(wanted, self.server, self.target.repository)
            yield _Text(self._markdown(urls, earlier), hosted=True)

    def _text(self, earlier: Earlier | None = None) -> _Text:
        wanted = self.comment.images
        if wanted is None:
            return _Text(self._markdown(None, earlier))
        try:
            urls = images.host_images(self.github, self.target, wanted, self.server)
        except RefusedError as refused:
            note = Note("images", refused.why, refused.message)
            return _Text(self._markdown(None, earlier), notes=(note,))
        return _Text(self._markdown(urls, earlier), hosted=True)

    def _remove(self, copies: tuple[FoundComment, ...]) -> tuple[Note, ...]:
        try:
            for copy in copies:
                comments.delete_comment(self.github, self.target.repository, copy.id)
        except RefusedError as refused:
            return (Note("cleanup", refused.why, refused.message),)
        return ()
