"""The facts of a repository, by their type."""

from pathlib import Path
from typing import TypeVar

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.facts import COMMIT_ALONE, Scope, read_facts
from lineage_diff.catalog.facts import Fact
from lineage_diff.history.reader import open_history

FactT = TypeVar("FactT", bound=Fact)


class Facts:
    """All facts of an export, in their order."""

    def __init__(self, repo: Path, scope: Scope = COMMIT_ALONE, rev: str | None = None) -> None:
        self.all = list(read_facts(AuditRequest(open_history(repo), rev), scope))

    def of(self, kind: type[FactT]) -> list[FactT]:
        """Return the facts of a type."""
        return [fact for fact in self.all if isinstance(fact, kind)]
