"""Read the model registry in Git tags: versions and stages of artifacts, written by GTO.

Most repositories have none. Only annotated tags count, in the order of their time, versions before
stages (`gto.tag.find`, `gto.registry.GitRegistry.get_state`): `gto assign` creates both tags within
one second.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion, parse_tag

_FORMAT = (
    "--format=%(refname:strip=2)%00%(objecttype)%00%(*objectname)%00%(taggerdate:unix)"
    "%00%(objectname)%00%(taggername) %(taggeremail)"
)

# Other names are not the registry's, and Git reads some of their characters as a pattern.
_PLAIN = re.compile(r"[a-zA-Z0-9\-_./:]+")
_PATTERNS = 100


def read_model_registry(
    repository: GitRepository, artifacts: Collection[str] | None = None
) -> tuple[RegistryVersion, ...]:
    """Return all versions ever registered by Git tags, by artifact in the order of the tags.

    `artifacts` are the names in the registry to read; by default all.
    """
    return versions_of(read_registry_tags(repository, artifacts))


def read_registry_tags(
    repository: GitRepository, artifacts: Collection[str] | None = None
) -> tuple[RegistryTag, ...]:
    """Return the tags of the registry, in the order of their names; of `artifacts`, or of all."""
    try:
        listing = repository.git.run_up_to(
            limits.TAGS_BYTES, "for-each-ref", _FORMAT, *_patterns(artifacts)
        )
    except GitFailed:
        return ()
    # Not `splitlines`: the name of a tag can contain what Python, and not Git, calls a line end.
    tags = tags_in(listing.decode("utf-8", "surrogateescape").split("\n"))
    # Of many artifacts, Git lists all tags.
    return tuple(tag for tag in tags if artifacts is None or tag.artifact in artifacts)


def _patterns(artifacts: Collection[str] | None) -> list[str]:
    # Git reads the object of each tag that it lists: 60 ms for 10,000.
    if artifacts is None or len(artifacts) > _PATTERNS:
        return ["refs/tags"]
    names = sorted({name.replace(":", "=") for name in artifacts if _PLAIN.fullmatch(name)})
    # In a pattern, `*` matches no slash. Without any, Git lists all references.
    ends = ("@*", "#*", "#*/**")
    return [f"refs/tags/{name}{end}" for name in names for end in ends] or ["refs/tags/@"]


class _Artifact(Struct):
    versions: dict[str, RegistryVersion] = field(default_factory=dict)
    # The names of the versions by their commit, in the order of their tags.
    at_commit: dict[str, list[str]] = field(default_factory=dict)
    # The versions with each stage assigned, in the order of assignment.
    stages: dict[str, dict[str, None]] = field(default_factory=dict)
    deprecated_at: int = -1
    used_at: int = 0

    @property
    def deprecated(self) -> bool:
        """Whether no tag follows the artifact's deprecation."""
        return self.deprecated_at > self.used_at


def tags_in(lines: Iterable[str]) -> Iterator[RegistryTag]:
    """Yield the registry's tags from the `git for-each-ref` output of `read_registry_tags`."""
    for line in lines:
        name, kind, commit, time, oid, tagger, *_ = (*line.split("\0"), "", "", "", "", "", "")
        if kind == "tag" and commit:
            tag = parse_tag(name, commit, int(time or 0))
            if tag is not None:
                yield replace(tag, object=oid, tagger=tagger.strip())


def versions_of(tags: Iterable[RegistryTag]) -> tuple[RegistryVersion, ...]:
    """Apply the tags in order. A stage belongs to the version that was assigned it last."""
    artifacts: dict[str, _Artifact] = {}
    for tag in sorted(tags, key=_in_order):
        _apply(artifacts.setdefault(tag.artifact, _Artifact()), tag)
    return tuple(version for name in sorted(artifacts) for version in _versions_of(artifacts[name]))


def _in_order(tag: RegistryTag) -> tuple[bool, int, bool]:
    # Within one second, an assignment comes before its cancellation.
    return tag.stage is not None, tag.time, tag.cancel


def _apply(artifact: _Artifact, tag: RegistryTag) -> None:
    if tag.deprecated:
        artifact.deprecated_at = max(artifact.deprecated_at, tag.time)
    else:
        artifact.used_at = max(artifact.used_at, tag.time)
    if tag.version is not None:
        known = artifact.versions.get(tag.version)
        if known is not None:
            artifact.versions[tag.version] = replace(known, active=not tag.cancel)
        elif not tag.cancel:
            artifact.versions[tag.version] = RegistryVersion(
                tag.artifact, tag.version, tag.name, tag.commit
            )
            artifact.at_commit.setdefault(tag.commit, []).append(tag.version)
    elif tag.stage is not None:
        given = artifact.stages.setdefault(tag.stage, {})
        for version in artifact.at_commit.get(tag.commit, ()):
            given.pop(version, None)
            if not tag.cancel:
                given[version] = None


def _versions_of(artifact: _Artifact) -> Iterator[RegistryVersion]:
    stages: dict[str, list[str]] = {}
    for stage in sorted(artifact.stages):
        holders = [name for name in artifact.stages[stage] if artifact.versions[name].active]
        if holders and not artifact.deprecated:
            stages.setdefault(holders[-1], []).append(stage)
    for name, version in artifact.versions.items():
        active = version.active and not artifact.deprecated
        yield replace(version, stages=tuple(stages.get(name, ())), active=active)
