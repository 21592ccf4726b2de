"""What a commit says that its stages and `.dvc` files made: each out with its version."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Content, Hash, Version


class Made(Struct, frozen=True):
    """An out with the stage that makes it and the version that the commit gives it."""

    stage: Stage
    out: Out
    version: Version | None


def made_outs(stages: Iterable[Stage], contents: Mapping[str, Content]) -> dict[str, Made]:
    """Index the outs by path; the first stage by id counts where two make the same.

    The version is the locked one; an import's where its out has none; the Git blob's or tree's
    id where DVC keeps no hash.
    """
    found: dict[str, Made] = {}
    for stage in sorted(stages, key=lambda stage: stage.id):
        for out in stage.outs:
            if out.path not in found:
                found[out.path] = Made(stage, out, _version(stage, out, contents))
    return found


def _version(stage: Stage, out: Out, contents: Mapping[str, Content]) -> Version | None:
    version = out.locked
    if (version is None or version.hash is None) and stage.imported and stage.imported.locked:
        version = stage.imported.locked
    if not out.cache and out.path in contents:
        content = contents[out.path]
        if version is None or version.hash is None:
            return content.versions[0] if content.versions else git_version(content)
    return version


def git_version(content: Content) -> Version:
    """Name a content by Git's own id."""
    return Version(Hash("git", content.oid))
