"""Where a question to the history is asked. Loads little: Git works while the rest is loaded."""

from collections.abc import Callable

from msgspec import Struct

from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader

Step = Callable[[str], None]


class AuditRequest(Struct, frozen=True):
    """Where to ask. No `rev` means the commit checked out.

    `config` is the path of the configuration inside that commit, `None` for the usual place.
    `careful` is that of `read_timeline`.
    """

    history: HistoryReader
    rev: str | None = None
    config: str | None = None
    careful: bool = False

    @property
    def repository(self) -> GitRepository:
        """The repository that is asked about."""
        return self.history.repository

    @property
    def revision(self) -> str:
        """The commit to ask at, in a person's words."""
        return "HEAD" if self.rev is None else self.rev
