"""Find the versions in use among many tags, without reading the object of each.

`git show-ref` lists all tags and their commits in a few milliseconds; to read the dates of the tags
takes many times as long. So only those dates are read that decide which version holds a stage.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from lineage_diff import limits
from lineage_diff.dvc.model_registry import read_model_registry, versions_of
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion, parse_tag
from lineage_diff.parsing.yaml_loader import collection_paused

# A tag after its id, and the line on its commit, which only an annotated tag has.
_TAG = rb" refs/tags/(%s)([@#])([^\n^]*)\n([0-9a-f]+) [^\n^]+\^\{\}\n"
_ANY_NAME = rb"[^\n@#^]+"
_NAMES = 100
_Line = tuple[bytes, bytes, bytes, bytes, bytes]
"""A tag's id, its artifact, `@` or `#`, the rest of its name, and its commit."""

_Key = tuple[bytes, bytes]
"""An artifact, and a version or stage."""


# `git help cat-file`, "BATCH OUTPUT": `<oid> SP <type> SP <size> LF <contents> LF`. Tags of another
# form are left to Git.
_OBJECT = re.compile(
    rb"([0-9a-f]+) tag ([0-9]+)\nobject ([0-9a-f]+)\ntype commit\ntag [^\n]*\n"
    rb"tagger [^\n>]*> ([0-9]{1,18}) "
)


class _UnclearError(Exception):
    """The dates of all tags count."""


def read_versions_in_use(
    repository: GitRepository, artifacts: Collection[str]
) -> tuple[RegistryVersion, ...]:
    """Return the versions of artifacts that are in a stage, as `read_model_registry` does."""
    try:
        with collection_paused():
            versions = versions_of(_deciding_tags(repository, artifacts))
    except (_UnclearError, GitFailed):
        versions = read_model_registry(repository, artifacts)
    return tuple(version for version in versions if version.stages)


def _deciding_tags(repository: GitRepository, artifacts: Collection[str]) -> list[RegistryTag]:
    """Return the tags that decide which versions hold the stages, in the order of their names."""
    asked = {name.replace(":", "=").encode("utf-8", "surrogateescape") for name in artifacts}
    listing = repository.git.run_up_to(limits.TAGS_BYTES, "show-ref", "--tags", "--dereference")
    if len(listing) >= limits.TAGS_BYTES:
        raise _UnclearError
    lines = [line for line in _annotated(listing, asked) if line[1] in asked]
    versions = _by_name(line for line in lines if line[2] == b"@")
    if any(name.startswith(b"deprecated") for _, name in versions):
        # Any later tag takes a deprecation back.
        raise _UnclearError
    stages = _by_name(line for line in lines if line[2] == b"#")
    times = _times(repository, [line for held in stages.values() for line in held])
    found = set(_decisive(stages, versions, times))
    times |= _times(repository, [line for line in found if line[0] not in times])
    tags = (_tag(line, times[line[0]]) for line in lines if line in found)
    return [tag for tag in tags if tag is not None]


def _annotated(listing: bytes, asked: Collection[bytes]) -> Iterator[_Line]:
    """Yield the annotated tags in the output of `git show-ref`, those of other artifacts too."""
    names = b"|".join(map(re.escape, sorted(asked))) if len(asked) <= _NAMES else _ANY_NAME
    width = listing.find(b" ")
    for tag in re.finditer(_TAG % names, listing):
        yield (listing[tag.start() - width : tag.start()], tag[1], tag[2], tag[3], tag[4])


def _by_name(lines: Iterable[_Line]) -> dict[_Key, list[_Line]]:
    """Return the tags of each version or stage, without those of another form of name."""
    found: defaultdict[_Key, list[_Line]] = defaultdict(list)
    for line in lines:
        name, mark, number = line[3].partition(b"#")
        if not mark or number.isdigit():
            found[line[1], name.removesuffix(b"!")].append(line)
    return found


def _decisive(
    stages: Mapping[_Key, Sequence[_Line]],
    versions: Mapping[_Key, Sequence[_Line]],
    times: Mapping[bytes, int],
) -> Iterator[_Line]:
    """Yield the newest tags of each stage, and all tags of the versions at their commits."""
    at_commit: defaultdict[_Key, list[_Key]] = defaultdict(list)
    for key, lines in versions.items():
        for line in lines:
            at_commit[key[0], line[4]].append(key)
    for (artifact, _), lines in stages.items():
        if _tag(lines[0]) is None:
            continue
        for line in _newest_by_commit(lines, times):
            yield line
            held = at_commit.get((artifact, line[4]), ())
            for key in held:
                yield from versions[key]
            if b"!" not in line[3] and any(_is_active(versions[key]) for key in held):
                # An earlier assignment of the stage does not count.
                break


def _newest_by_commit(lines: Iterable[_Line], times: Mapping[bytes, int]) -> list[_Line]:
    """Return the last tag of a stage at each commit, the newest first."""
    last: dict[bytes, _Line] = {}
    for line in sorted(lines, key=lambda line: (times[line[0]], b"!" in line[3])):
        last.pop(line[4], None)
        last[line[4]] = line
    return list(reversed(last.values()))


def _is_active(lines: Sequence[_Line]) -> bool:
    """Whether no date can make the version inactive, or that of another commit."""
    tag = _tag(lines[0]) if len(lines) == 1 else None
    return tag is not None and tag.version is not None and not tag.cancel


def _tag(line: _Line, time: int = 0) -> RegistryTag | None:
    _, artifact, mark, rest, commit = line
    name = (artifact + mark + rest).decode("utf-8", "surrogateescape")
    return parse_tag(name, commit.decode("ascii"), time)


def _times(repository: GitRepository, lines: Sequence[_Line]) -> dict[bytes, int]:
    """Return the dates of tags by their ids, in Unix seconds; 0 for a tag without one."""
    found: dict[bytes, int] = {}
    if not lines:
        return found
    text = repository.git.read_objects((line[0] for line in lines), limits.TAGS_BYTES)
    if len(text) >= limits.TAGS_BYTES:
        raise _UnclearError
    at = 0
    for oid, *_, commit in lines:
        tag = _OBJECT.match(text, at)
        if tag is None or tag[1] != oid or tag[3] != commit:
            raise _UnclearError
        found[oid] = int(tag[4])
        at = tag.start(3) - len(b"object ") + int(tag[2]) + 1
    return found
