"""What the pages of a folder of evidence state."""

from msgspec import Struct

from lineage_diff.lineage.history import CommitInfo
from lineage_diff.report.answers import History, Trace
from lineage_diff.report.audit_report import AuditReport


class EvidenceVersion(Struct, frozen=True):
    """The registered version of a model, and the Git tag that registers it."""

    artifact: str
    version: str
    tag: str


class OmittedFile(Struct, frozen=True):
    """A file that the folder does not have, and why."""

    name: str
    reason: str


class EvidenceContent(Struct, frozen=True):
    """What the pages state: the audit of one model, and its entry in `artifacts`.

    `meta` are the keys and values of its free mapping; a value that is no text is JSON.
    """

    report: AuditReport
    commit: CommitInfo
    name: str | None
    desc: str | None
    labels: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    version: EvidenceVersion | None
    left_out: tuple[OmittedFile, ...]

    @property
    def trace(self) -> Trace:
        """The trace of the model."""
        return self.report.traces[0]

    @property
    def history(self) -> History:
        """The versions of the model."""
        return self.report.histories[0]
