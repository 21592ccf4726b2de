"""What a commit says that its stages and `.dvc` files made: each out with its version."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Content, Hash, Version, is_recorded


class TrackedOutput(Struct, frozen=True):
    """An out with the stage that makes it and the version that the commit gives it."""

    stage: Stage
    out: Out
    version: Version | None


def outputs_by_path(
    stages: Iterable[Stage], contents: Mapping[str, Content]
) -> dict[str, TrackedOutput]:
    """Index the outs by path; the first stage by id counts where two make the same.

    The version is the locked one, of what Git holds as another content that content's; an import's
    where its out has none; the Git blob's or tree's id where DVC keeps no hash.
    """
    found: dict[str, TrackedOutput] = {}
    for stage in sorted(stages, key=lambda stage: stage.id):
        for out in stage.outs:
            if out.path not in found:
                found[out.path] = TrackedOutput(stage, out, _version(stage, out, contents))
    return found


def _version(stage: Stage, out: Out, contents: Mapping[str, Content]) -> Version | None:
    version = out.locked
    if (version is None or version.hash is None) and stage.imported and stage.imported.locked:
        version = stage.imported.locked
    if not out.cache and out.path in contents:
        content = contents[out.path]
        if version is None or version.hash is None:
            return content.versions[0] if content.versions else git_version(content)
        return _held(content, version)
    return version


def _held(content: Content, locked: Version) -> Version:
    """Return the version that Git holds where it is surely not the locked one, in its scheme."""
    wanted = locked.hash
    versions = [one for one in content.versions if one.hash is not None]
    known = {one.hash.value for one in (*versions, *content.eol_versions) if one.hash is not None}
    if content.unknown is not None or wanted is None or wanted.value in known:
        return locked
    alike = (one for one in versions if one.hash and one.hash.algorithm == wanted.algorithm)
    return next(alike, locked)


def with_git_versions(
    old: Mapping[str, TrackedOutput],
    new: Mapping[str, TrackedOutput],
    old_contents: Mapping[str, Content],
    new_contents: Mapping[str, Content],
) -> tuple[dict[str, TrackedOutput], dict[str, TrackedOutput]]:
    """Name alike, on both sides, what Git holds and a lock does not record on one of them.

    A lock names it by a hash, Git by an id: the same content would look like another one.
    """
    before, after = dict(old), dict(new)
    for path in sorted(old.keys() & new.keys() & old_contents.keys() & new_contents.keys()):
        was, now = old[path], new[path]
        if was.out.cache or now.out.cache or (_is_locked(was) and _is_locked(now)):
            continue
        one, two = old_contents[path], new_contents[path]
        versions = git_version(one), git_version(two)
        if one.versions and two.versions:
            versions = one.versions[0], two.versions[0]
        if one.oid == two.oid:
            known = was.version if _is_locked(was) else now.version
            versions = (known, known) if known is not None else versions
        before[path], after[path] = (
            replace(made, version=version)
            for made, version in zip((was, now), versions, strict=True)
        )
    return before, after


def _is_locked(made: TrackedOutput) -> bool:
    return is_recorded(made.out.locked)


def git_version(content: Content) -> Version:
    """Name a content by Git's own id."""
    return Version(Hash("git", content.oid))
