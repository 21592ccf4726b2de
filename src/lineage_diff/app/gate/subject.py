"""Find what is promoted: by a tag, a version, a stage, or the name of a model."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from lineage_diff.app.gate.request import GateRequest
from lineage_diff.app.names import (
    mlflow_commit,
    named_version,
    near,
    not_annotated,
    resolve_commit,
)
from lineage_diff.dvc.model_registry import read_registry_tags, versions_of
from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.mlflow import CHECKED_OUT
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion, parse_tag
from lineage_diff.mlflow.references import is_model_reference


class Candidate(Struct, frozen=True):
    """The artifact or model that the request names, and its commit.

    `tags` are all tags of the registry. `tag` is the one that promotes, `None` before it exists.
    """

    name: str
    rev: str
    commit: str
    tags: tuple[RegistryTag, ...] = ()
    version: RegistryVersion | None = None
    stage: str | None = None
    tag: RegistryTag | None = None


def find_subject(
    repository: GitRepository, request: GateRequest, commit_names: Callable[[], Sequence[str]]
) -> Candidate:
    """Return what the request names.

    `commit_names` returns the tags and params of MLflow's runs that name a commit. Raises
    `InputError` for an unknown name, and for a tag that promotes nothing.
    """
    tags = read_registry_tags(repository)
    if is_model_reference(request.subject) and not request.is_tag:
        _only_one(request, request.subject, is_stage=False)
        commit, name = _run_commit(repository, request.subject, commit_names())
        return Candidate(name, request.subject, commit, tags, stage=request.stage)
    found = _in_registry(repository, tags, request)
    if found is not None:
        return found
    if request.is_tag:
        raise _no_such_tag(repository, request.subject)
    rev = "HEAD" if request.rev is None else request.rev
    commit = (
        _run_commit(repository, rev, commit_names())[0]
        if is_model_reference(rev)
        else resolve_commit(repository, rev)
    )
    return Candidate(request.subject, rev, commit, tags, stage=request.stage)


def _run_commit(repository: GitRepository, reference: str, names: Sequence[str]) -> tuple[str, str]:
    """Return the commit of the run that made a version in MLflow, and the model's name or path.

    A commit that was only checked out when the run began holds another version.
    """
    commit, name = mlflow_commit(reference, [name for name in names if name != CHECKED_OUT])
    return repository.resolve(commit), name


def _in_registry(
    repository: GitRepository, tags: tuple[RegistryTag, ...], request: GateRequest
) -> Candidate | None:
    """Return what the tags of the registry have by the name; `None` for a name without a tag."""
    name = request.subject.replace(":", "=")
    parsed, tag = parse_tag(name), _tag_named(tags, name)
    if tag is not None and (request.is_tag or (parsed is not None and parsed.number)):
        return _by_tag(tags, tag, request)
    if request.is_tag:
        return None
    version = named_version(repository, request.subject, versions_of(tags))
    if version is not None:
        return _by_version(tags, version, request)
    if parsed is not None:
        raise not_annotated(repository, request.subject) or _unknown_artifact(tags, parsed)
    return None


def _tag_named(tags: Iterable[RegistryTag], name: str) -> RegistryTag | None:
    return next((tag for tag in tags if tag.name == name), None)


def _by_tag(tags: tuple[RegistryTag, ...], tag: RegistryTag, request: GateRequest) -> Candidate:
    if not tag.promotes:
        raise InputError(
            f"the tag {tag.name} promotes nothing: it withdraws, or it names no version",
            hint="Name a version like churn@v1.2.0, or a stage like churn#prod.",
        )
    _only_one(request, tag.name, is_stage=tag.stage is not None)
    versions = [item for item in versions_of(tags) if item.artifact == tag.artifact]
    if tag.version is not None:
        held = [item for item in versions if item.version == tag.version]
    else:
        held = [item for item in versions if item.commit == tag.commit]
    return Candidate(
        tag.artifact,
        tag.name,
        tag.commit,
        tags,
        _newest(held),
        tag.stage or request.stage,
        tag,
    )


def _newest(versions: Sequence[RegistryVersion]) -> RegistryVersion | None:
    active = [version for version in versions if version.active] or versions
    return active[-1] if active else None


def _by_version(
    tags: tuple[RegistryTag, ...], version: RegistryVersion, request: GateRequest
) -> Candidate:
    text = request.subject
    name, _, after = text.replace("=", ":").rpartition("#")
    in_stage = after if name == version.artifact else None
    _only_one(request, text, is_stage=False)
    if in_stage is not None and request.stage is None:
        given = [
            tag
            for tag in tags
            if (tag.artifact, tag.stage, tag.commit) == (version.artifact, in_stage, version.commit)
            and not tag.cancel
        ]
        last = max(given, key=lambda item: (item.time, item.number))
        return Candidate(version.artifact, text, version.commit, tags, version, in_stage, last)
    tag = _tag_named(tags, version.tag) if request.stage is None else None
    return Candidate(version.artifact, text, version.commit, tags, version, request.stage, tag)


def _only_one(request: GateRequest, name: str, is_stage: bool) -> None:
    """Refuse a commit or a stage beside a name that has one."""
    if request.rev is not None:
        raise InputError(
            f"{name} is a version of the registry, which determines the commit",
            hint="Leave out --rev.",
        )
    if is_stage and request.stage is not None:
        raise InputError(f"the tag {name} names its stage", hint="Leave out --to.")


def _unknown_artifact(tags: Iterable[RegistryTag], parsed: RegistryTag) -> InputError:
    names = {tag.artifact for tag in tags}
    return InputError(
        f"the registry in Git tags has no {parsed.artifact}",
        hint=near(parsed.artifact, names, "Fetch the tags: `git fetch --tags`."),
    )


def _no_such_tag(repository: GitRepository, name: str) -> InputError:
    if repository.tag_kind(name) is None:
        return InputError(f"there is no tag {name}", hint="Fetch the tags: `git fetch --tags`.")
    return not_annotated(repository, name) or InputError(
        f"the tag {name} is none of a model registry",
        hint="Name a version like churn@v1.2.0, or a stage like churn#prod.",
    )
