"""The subject of a folder of evidence: one model of one commit."""

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.app import Step
from lineage_diff.app.audit.context import AuditContext, read_context
from lineage_diff.app.audit.lookup import model_path, no_model
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.evidence.manifest import Manifest
from lineage_diff.app.names import named_version
from lineage_diff.app.repository_name import address_of
from lineage_diff.dvc.model_registry import read_model_registry
from lineage_diff.errors import InputError
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.render.evidence.content import EvidenceVersion


class EvidenceSubject(Struct, frozen=True):
    """A model of a commit, and its registered version if one was named.

    `repository` is the address of its page, `None` if unknown. Other versions in the registry, and
    the stages of this one, are left out: they change while the commit stays.
    """

    context: AuditContext
    path: str
    version: EvidenceVersion | None
    repository: str | None
    config: str | None


def find_subject(request: AuditRequest, name: str, step: Step) -> EvidenceSubject:
    """Read the model that a name states, at the commit of its version or of the request.

    Raises `InputError` for an unknown model or revision, a version together with a revision, and a
    shallow clone.
    """
    registry = read_model_registry(request.repository)
    version = named_version(request.repository, name, registry)
    if version is None:
        return _subject(request, name, None, step)
    if request.rev is not None:
        raise InputError(
            f"{name} is a version of the registry, which determines the commit",
            hint="Leave out --rev.",
        )
    return _subject(replace(request, rev=version.commit), version.artifact, version, step)


def stated_subject(request: AuditRequest, manifest: Manifest, step: Step) -> EvidenceSubject:
    """Read the model that a manifest states; the repository has the name that it states.

    Raises `InputError` if this clone does not have it.
    """
    stated = manifest.version
    version = (
        RegistryVersion(stated.artifact, stated.version, stated.tag, manifest.commit)
        if stated is not None
        else None
    )
    request = replace(request, rev=manifest.commit, config=manifest.config)
    found = _subject(request, manifest.model, version, step)
    return _named(found, manifest.repository)


def _subject(
    request: AuditRequest, name: str, version: RegistryVersion | None, step: Step
) -> EvidenceSubject:
    if request.repository.is_shallow:
        raise InputError(
            "the clone is shallow, so the evidence would not be the same in another clone",
            hint="Fetch the whole history: `git fetch --unshallow`.",
        )
    registry = (replace(version, stages=(), active=True),) if version is not None else ()
    context = read_context(
        request.history,
        request.revision,
        request.config,
        step,
        with_freshness=True,
        strict=True,
        registry=registry,
    )
    path = name if name in context.models else model_path(name, context)
    if path is None or path not in context.models:
        raise no_model(name, context)
    address = address_of(context.repository, context.policy)
    stated = (
        EvidenceVersion(version.artifact, version.version, version.tag)
        if version is not None
        else None
    )
    found = EvidenceSubject(context, path, stated, None, request.config)
    return _named(found, address.web if address is not None else None)


def _named(subject: EvidenceSubject, repository: str | None) -> EvidenceSubject:
    """Return the subject in a repository of this address, which no other setting changes."""
    opened = subject.context.opened
    policy = replace(opened.policy, repository=repository or "")
    context = replace(subject.context, opened=replace(opened, policy=policy))
    return replace(subject, context=context, repository=repository)
