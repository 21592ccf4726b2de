"""Build a folder of evidence in memory, from Git alone: the same bytes for the same commit."""

import json
from collections.abc import Mapping

from lineage_diff import __version__
from lineage_diff.app.audit.history import model_histories
from lineage_diff.app.audit.trace import traces_of
from lineage_diff.app.evidence.gate_record import stated_file
from lineage_diff.app.evidence.manifest import MANIFEST, EvidenceFile, Manifest, manifest_bytes
from lineage_diff.app.evidence.subject import EvidenceSubject
from lineage_diff.app.export.facts import Scope, commit_and_run_facts
from lineage_diff.app.repository_name import address_of
from lineage_diff.catalog.collected import CollectedFacts, collect
from lineage_diff.catalog.facts import ModelFact
from lineage_diff.catalog.writers.cyclonedx import FILE as ML_BOM
from lineage_diff.catalog.writers.cyclonedx import meta_of, ml_bom
from lineage_diff.catalog.writers.in_toto import FILE as STATEMENT
from lineage_diff.catalog.writers.in_toto import statement
from lineage_diff.catalog.writers.parts import document_bytes
from lineage_diff.render.evidence.content import EvidenceContent, OmittedFile
from lineage_diff.render.evidence.pages import evidence_pages
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_audit
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.report import Repository, Revision, Tool

NO_RUN = "no run is recorded that made the model, so its provenance is unknown"
_TOOL = Tool("lineage-diff", __version__)


def build_evidence(
    subject: EvidenceSubject, given: tuple[EvidenceFile, ...] = ()
) -> dict[str, bytes]:
    """Return the files by name, sorted, the manifest among them.

    The manifest also states the files that were `given`, which are not returned.
    """
    report = _audit(subject)
    scope = Scope(models=(subject.path,), files=True)
    facts = collect(commit_and_run_facts(subject.context, [subject.path], scope))
    (model,) = facts.models
    found = statement(facts, model)
    left_out = () if found is not None else (OmittedFile(STATEMENT, NO_RUN),)
    files = {
        "audit.html": render_audit("html", report, ShowOptions()),
        "audit.json": render_audit("json", report, ShowOptions()),
        ML_BOM: document_bytes(ml_bom(facts)),
        **({STATEMENT: document_bytes(found)} if found is not None else {}),
        **evidence_pages(_evidence(subject, report, facts, model, left_out)),
    }
    manifest = _manifest(subject, files, given, left_out)
    return dict(sorted({**files, MANIFEST: manifest_bytes(manifest)}.items()))


def _audit(subject: EvidenceSubject) -> AuditReport:
    """Return the audit of the model, without what tags, servers and the clock decide."""
    context, paths = subject.context, [subject.path]
    commit = context.lineage.commit
    address = address_of(context.repository, context.policy)
    return AuditReport(
        tool=_TOOL,
        repository=Repository(address.name if address is not None else None, None),
        revision=Revision(commit, commit),
        unreadable=context.ledger.unreadable,
        traces=traces_of(context, paths),
        histories=tuple(model_histories(context, paths)),
    )


def _evidence(
    subject: EvidenceSubject,
    report: AuditReport,
    facts: CollectedFacts,
    model: ModelFact,
    left_out: tuple[OmittedFile, ...],
) -> EvidenceContent:
    meta = (
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in sorted(meta_of(model).items())
    )
    info = subject.context.history.commit_info(facts.repository.head)
    return EvidenceContent(
        report,
        info,
        model.name,
        model.desc,
        model.labels,
        tuple(meta),
        subject.version,
        left_out,
    )


def _manifest(
    subject: EvidenceSubject,
    files: Mapping[str, bytes],
    given: tuple[EvidenceFile, ...],
    left_out: tuple[OmittedFile, ...],
) -> Manifest:
    made = (stated_file(name, data) for name, data in files.items())
    return Manifest(
        tool=_TOOL,
        repository=subject.repository,
        commit=subject.context.lineage.commit,
        model=subject.path,
        version=subject.version,
        config=subject.config,
        files=tuple(sorted([*made, *given], key=lambda file: file.name)),
        left_out=left_out,
    )
