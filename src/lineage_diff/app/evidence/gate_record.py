"""The record of a gate, which is handed in: the tags and branches of its day decided it."""

from hashlib import sha256

from lineage_diff.app.evidence.manifest import EvidenceFile
from lineage_diff.app.evidence.subject import EvidenceSubject
from lineage_diff.errors import InputError
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.promotion.text import render_promotion
from lineage_diff.report.json_codec import ReportError
from lineage_diff.report.promotion import decode_promotion, encode_promotion

RECORD_FILES = frozenset({"promotion.json", "promotion.md"})


def record_files(data: bytes, source: str, subject: EvidenceSubject) -> dict[str, bytes]:
    """Return the files of a record that `lineage-diff gate` wrote as JSON, by name.

    Raises `InputError` for no such record, and for one of another commit or model.
    """
    try:
        report = decode_promotion(data, source)
    except ReportError as error:
        raise InputError(
            error.message, hint="Write it with `lineage-diff gate MODEL -o FILE.json`.", file=source
        ) from error
    commit = subject.context.lineage.commit
    if (report.revision.commit, report.model.path) != (commit, subject.path):
        raise InputError(
            f"the record is about {report.model.path} at {report.revision.commit}",
            hint=f"Name one about {subject.path} at {commit}.",
            file=source,
        )
    return {
        "promotion.json": encode_promotion(report),
        "promotion.md": render_promotion("markdown", report, ShowOptions()),
    }


def stated_file(name: str, data: bytes, given: bool = False) -> EvidenceFile:
    """Return the entry of a file in the manifest."""
    return EvidenceFile(name, sha256(data).hexdigest(), len(data), given)
