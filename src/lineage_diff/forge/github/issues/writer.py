"""Write one issue for one run. Before each write, check whether it is still needed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from msgspec import Struct

from lineage_diff.forge.github.author import Author
from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.create_once import create
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.issues import api as issues
from lineage_diff.forge.github.issues.api import FoundIssue, issue_path
from lineage_diff.forge.github.lock import Again, hold_lock, try_edit
from lineage_diff.forge.github.marker import (
    Marker,
    has_id,
    is_by,
    is_newer_body,
    is_same_body,
    with_marker,
)
from lineage_diff.forge.publication import Issue, IssueTarget, Note, Published

_SUPERSEDED = Note("issue", "superseded")


class IssueWriter(Struct, frozen=True):
    """Writes one issue for one run."""

    github: GitHub
    target: IssueTarget
    issue: Issue
    marker: Marker
    author: Author

    def write(self) -> Published | Again:
        """Open, update or close the issue, given the open ones."""
        if not self._is_tip():
            return Published("nothing", notes=(_SUPERSEDED,))
        there = self._look()
        if not there:
            return self._open() if self.issue.state == "stale" else Published("nothing")
        stays, copies = there[0], there[1:]
        if not copies and self._is_up_to_date(stays):
            return Published("unchanged", stays.url)
        with hold_lock(self.github, self._path(stays)) as may_write:
            return self._update(stays, copies, may_write)

    def _update(
        self, stays: FoundIssue, copies: Sequence[FoundIssue], may_write: Callable[[], bool]
    ) -> Published | Again:
        current = issues.get_issue(self.github, self.target.repository, stays.number)
        if current is None or not current.is_open or not has_id(current.body, self.target.id):
            return Again()
        if not self._is_tip() or self._is_newer(current):
            return Published("nothing", current.url, (_SUPERSEDED,))
        unchanged = self._is_up_to_date(current)
        if not unchanged:
            if not may_write():
                return Again()
            again = try_edit(partial(self._edit, current))
            if again is not None:
                return again
        notes = self._close_copies(copies)
        if unchanged:
            return Published("unchanged", current.url, notes)
        closed = self.issue.state == "fresh"
        return Published("closed" if closed else "updated", current.url, notes)

    def _open(self) -> Published | Again:
        body, repository = with_marker(self.marker, self.issue.text), self.target.repository
        made = create(
            self.github,
            lambda: issues.open_issue(self.github, repository, self.issue.title, body),
            self._find_own,
        )
        published = Published("created", made.url)
        try:
            there = self._look()
            is_tip = self._is_tip()
        except RefusedError:
            return published
        if there and there[0].number < made.number:
            # Another run was first: its issue is kept, and updated if it is older.
            with suppress(RefusedError):
                self._close(made)
            return Again()
        if len(there) > 1:
            return Again()
        return published if is_tip else self._take_back(made)

    def _take_back(self, made: FoundIssue) -> Published:
        """Close an issue opened after a push: the run of the newer commit may have seen none."""
        with hold_lock(self.github, self._path(made)) as may_write:
            current = issues.get_issue(self.github, self.target.repository, made.number)
            if current is not None and is_by(self.marker, current.body) and may_write():
                self._close(made)
                current = None
        return Published("nothing", current.url if current else None, (_SUPERSEDED,))

    def _look(self) -> tuple[FoundIssue, ...]:
        """Return the open issues of our id by the token's user, the oldest first."""
        repository, login = self.target.repository, self.author.login()
        found = issues.list_open_issues(self.github, repository, login)
        return tuple(
            one for one in found if one.author == login and has_id(one.body, self.target.id)
        )

    def _find_own(self) -> FoundIssue | None:
        """Return the open issue that this run has written."""
        return next((issue for issue in self._look() if is_by(self.marker, issue.body)), None)

    def _is_tip(self) -> bool:
        target = self.target
        tip = issues.branch_tip(self.github, target.repository, target.branch)
        return tip == target.head_commit

    def _is_newer(self, current: FoundIssue) -> bool:
        """Return whether a later run wrote the issue; another user may have forged that."""
        return is_newer_body(current.body, self.marker) and self.author.wrote_last(current)

    def _is_up_to_date(self, issue: FoundIssue) -> bool:
        same = is_same_body(issue.body, self.marker, self.issue.text)
        return same and issue.title == self.issue.title and self.issue.state != "fresh"

    def _edit(self, current: FoundIssue) -> None:
        changes = {"title": self.issue.title, "body": with_marker(self.marker, self.issue.text)}
        # The state is always sent, as another run may have closed the issue after it was read.
        if self.issue.state == "fresh":
            changes |= {"state": "closed", "state_reason": "completed"}
        else:
            changes["state"] = "open"
        issues.edit_issue(self.github, self.target.repository, current.number, **changes)

    def _close(self, issue: FoundIssue) -> None:
        changes = {"state": "closed", "state_reason": "not_planned"}
        issues.edit_issue(self.github, self.target.repository, issue.number, **changes)

    def _close_copies(self, copies: Sequence[FoundIssue]) -> tuple[Note, ...]:
        try:
            for copy in copies:
                self._close(copy)
        except RefusedError as refused:
            return (Note("issue", refused.why, refused.message),)
        return ()

    def _path(self, issue: FoundIssue) -> str:
        return issue_path(self.target.repository, issue.number)
