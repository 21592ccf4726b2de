"""The outputs of stages and `.dvc` files at one commit, each with its version."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Content, Hash, Version, is_recorded


class TrackedOutput(Struct, frozen=True):
    """An out with its stage, and its version at the commit."""

    stage: Stage
    out: Out
    version: Version | None


def outputs_by_path(
    stages: Iterable[Stage], contents: Mapping[str, Content]
) -> dict[str, TrackedOutput]:
    """Index the outs by path; of stages with the same out, the first by id with a version counts.

    The version is the locked one, except: if Git holds other content, that content's version; if
    the out of an import has no version, the import's; without a DVC hash, the id of the Git blob
    or tree.
    """
    found: dict[str, TrackedOutput] = {}
    for stage in sorted(stages, key=lambda stage: stage.id):
        for out in stage.outs:
            known = found.get(out.path)
            if known is None or not is_recorded(known.version):
                version = _version(stage, out, contents)
                if known is None or is_recorded(version):
                    found[out.path] = TrackedOutput(stage, out, version)
    return found


def _version(stage: Stage, out: Out, contents: Mapping[str, Content]) -> Version | None:
    version = out.locked
    if (version is None or version.hash is None) and stage.imported and stage.imported.locked:
        version = stage.imported.locked
    if not out.cache and out.path in contents:
        content = contents[out.path]
        if version is None or version.hash is None:
            return content.versions[0] if content.versions else git_version(content)
        return _version_in_git(content, version)
    return version


def _version_in_git(content: Content, locked: Version) -> Version:
    """Return Git's version if it surely differs from the locked one, in the lock's hash scheme."""
    wanted = locked.hash
    versions = [one for one in content.versions if one.hash is not None]
    known = {one.hash.value for one in (*versions, *content.eol_versions) if one.hash is not None}
    if content.unknown is not None or wanted is None or wanted.value in known:
        return locked
    comparable = (one for one in versions if one.hash and one.hash.algorithm == wanted.algorithm)
    return next(comparable, locked)


def with_git_versions(
    old: Mapping[str, TrackedOutput],
    new: Mapping[str, TrackedOutput],
    old_contents: Mapping[str, Content],
    new_contents: Mapping[str, Content],
) -> tuple[dict[str, TrackedOutput], dict[str, TrackedOutput]]:
    """Use one hash scheme at base and head for Git-tracked outs that one side does not lock.

    A lock records a hash, Git an id: without this, equal content would look changed.
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
    """Return a version made of Git's own id."""
    return Version(Hash("git", content.oid))


class Stored(Struct, frozen=True):
    """The stored object of an out, or of a file inside one; `files` where the commit lists them."""

    root: str
    hash: Hash
    remote: str | None = None
    files: tuple[tuple[str, Hash], ...] | None = None


class KeptOut(Struct, frozen=True):
    """An out that DVC keeps, with the stage that makes it and its stored object."""

    stage: Stage
    out: Out
    stored: Stored


def kept_outs(lineage: Lineage, roots: Iterable[str]) -> Iterator[KeptOut]:
    """Yield the outs with a version; `roots` are the folders of the repository's DVC projects."""
    roots = tuple(roots)
    for stage in lineage.stages:
        around = [root for root in roots if is_within(stage.file, root)]
        root = max(around, key=len, default="")
        for out in stage.outs:
            version = out.locked
            if out.cache and not out.external and version is not None and version.hash:
                stored = Stored(root, version.hash, out.remote, version.files)
                yield KeptOut(stage, out, stored)


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is the folder or inside it; `""` is the repository's root."""
    return not folder or path == folder or path.startswith(f"{folder}/")
