"""Complete a commit from the last one in which its unreadable files could be read."""

from typing import TYPE_CHECKING

from lineage_diff.errors import InputError
from lineage_diff.lineage.evidence import CommitState

if TYPE_CHECKING:
    from lineage_diff.dvc.lineage_reader import LineageReader
    from lineage_diff.git.repository import GitRepository

# The number of commits that are tried; a file is seldom unreadable for as long.
_SEARCHED = 20


def adopt_last_readable(
    repository: "GitRepository", reader: "LineageReader", state: CommitState
) -> CommitState:
    """Return the commit with the stages of its unreadable files, as they were read last."""
    lineage = state.lineage
    files = {*lineage.unreadable, *(p.pipeline for p in lineage.problems if p.pipeline)}
    if not files:
        return state
    from lineage_diff.diff.unread import adopt_unread

    for before in repository.before_touching(lineage.commit, files, _SEARCHED):
        try:
            older = reader.read(before)
        except InputError:
            continue
        state = adopt_unread(state, CommitState(older))
        if files.isdisjoint(older.unreadable):
            break
    return state
