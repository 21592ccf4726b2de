"""Ask the remote whether the versions in use are there, and whether they can be made again."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.evaluate import read_state
from lineage_diff.audit.remake import Needed, needed_for, remake
from lineage_diff.dvc.lock.cloud_versions import CloudVersions
from lineage_diff.dvc.storage.open import open_storage
from lineage_diff.dvc.storage.pushed import check_pushed
from lineage_diff.errors import InputError
from lineage_diff.freshness.stages import freshness
from lineage_diff.lineage.outputs import KeptOut, Stored, kept_outs
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.answers import Remake
from lineage_diff.report.pushed import PushedOut


class _Version(Struct, frozen=True):
    """A version to look for; `registered` is `None` for that of the audited commit."""

    path: str
    commit: str
    registered: RegistryVersion | None


def remakes_of(context: AuditContext, paths: list[str]) -> tuple[Remake, ...]:
    """Answer for the models at the audited commit, and for their versions in use.

    The remote is that of the audited commit. Of many versions, the newest of `REMADE_VERSIONS`.
    """
    snapshot = context.repository.snapshot(context.lineage.commit)
    storage = open_storage(context.repository, snapshot, ())
    versions = list(_versions(context, paths))[: limits.REMADE_VERSIONS]
    needs = [found for version in versions if (found := _needed(context, version, storage.roots))]
    outs = {item.stored: item for _, needed in needs for item in needed.kept}
    commits = {item.stored: version.commit for version, needed in needs for item in needed.kept}

    recorded = CloudVersions()

    def versions_of(kept: KeptOut) -> dict[str, str | None]:
        return recorded.read(kept, context.repository.snapshot(commits[kept.stored]))

    answers = check_pushed(tuple(outs.values()), storage, versions_of)
    storage.close()
    pushed = dict(zip(outs, answers, strict=True))
    return tuple(_remake(version, needed, pushed) for version, needed in needs)


def _remake(version: _Version, needed: Needed, pushed: Mapping[Stored, PushedOut]) -> Remake:
    answer = remake(version.path, version.commit, needed, pushed)
    tag = version.registered
    return answer if tag is None else replace(answer, version=tag.version, stages=tag.stages)


def _versions(context: AuditContext, paths: list[str]) -> Iterator[_Version]:
    """Yield the models of the commit, and their registered versions that are in a stage."""
    for path in paths:
        if path in context.made:
            yield _Version(path, context.lineage.commit, None)
    for item in reversed(context.registered):
        version = item.version
        if item.path in paths and version.active and version.stages:
            yield _Version(item.path, version.commit, version)


def _needed(
    context: AuditContext, version: _Version, roots: tuple[str, ...]
) -> tuple[_Version, Needed] | None:
    state = context.state
    if version.commit != state.commit:
        try:
            read = context.reader.read_with_contents(version.commit)
        except InputError:
            return None
        state = read_state(context.history, context.reader, *read)
    judged = {name: found.freshness for name, found in freshness(state).items()}
    kept = kept_outs(state.lineage, roots)
    return version, needed_for(state, version.path, judged, kept)
