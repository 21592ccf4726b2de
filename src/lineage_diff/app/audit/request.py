"""The request of a question about the history. Imports little, so that Git starts early."""

from msgspec import Struct

from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader


class AuditRequest(Struct, frozen=True):
    """A repository and a commit. Without `rev`, the checked-out commit.

    `config` is the path of the configuration inside that commit, `None` for the default path.
    `strict` is a parameter of `read_timeline`.
    """

    history: HistoryReader
    rev: str | None = None
    config: str | None = None
    strict: bool = False

    @property
    def repository(self) -> GitRepository:
        """The repository of the question."""
        return self.history.repository

    @property
    def revision(self) -> str:
        """The commit, as the user named it."""
        return "HEAD" if self.rev is None else self.rev
