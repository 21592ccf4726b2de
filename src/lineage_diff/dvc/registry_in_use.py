"""Find the versions in use among many tags, without reading the object of each.

`git show-ref` lists all tags and their commits in a few milliseconds; to read the dates of the tags
takes many times as long. So only those dates are read that decide which version holds a stage:
those of all tags of stages, as GTO goes by dates and not by numbers, and of a few versions.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from os import urandom

from lineage_diff import limits
from lineage_diff.dvc.model_registry import read_model_registry, versions_of
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion, parse_tag
from lineage_diff.parsing.yaml_loader import collection_paused

_Tag = tuple[bytes, bytes, bytes]
"""The id, the name and the commit of an annotated tag."""

# In the output of `git show-ref`: a tag, and the line on its commit, which a light tag lacks.
_ANNOTATED = rb"(.{%d}) refs/tags/(.*)\n(.{%d}) .*\^\{\}\n"
_STAGE = re.compile(rb"\S+ refs/tags/([^\n#]+#[^\n#!^]*)")
# Git sorts names by their bytes. This one comes after `!` and `#`, which may follow a stage or a
# version, and before what a longer name goes on with.
_AFTER = b"$"
_PEELED = b"^{}"
_NAME = itemgetter(1)
# To look for the versions at more commits takes longer than to read all tags.
_MOST_COMMITS = 100
# Tags of another form are left to Git.
_DATE = re.compile(rb"object .*\ntype commit\ntag .*\ntagger [^\n>]*> ([0-9]{1,18}) ")
# For so few tags, no process of its own is started.
_FEW = 100


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
    listing = repository.git.run_up_to(limits.TAGS_BYTES, "show-ref", "--tags", "--dereference")
    if len(listing) >= limits.TAGS_BYTES:
        raise _UnclearError
    names = {name.replace(":", "=").encode("utf-8", "surrogateescape") for name in artifacts}
    stages = [(name, tags) for name in names for tags in _by_stage(listing, name)]
    versions = {name: _VersionTags(listing, name) for name in dict(stages)}
    # One process reads them all.
    dates = iter(_dates(repository, [tag for _, tags in stages for tag in tags]))
    found: dict[_Tag, int] = {}
    held: set[_Tag] = set()
    for name, tags in stages:
        dated = list(zip(islice(dates, len(tags)), tags, strict=True))
        for date, tag, at_commit in _decisive(dated, versions[name]):
            found[tag] = date
            held.update(*at_commit)
    found |= zip(held, _dates(repository, held), strict=True)
    parsed = (_parsed(tag, found[tag]) for tag in sorted(found, key=_NAME))
    return [tag for tag in parsed if tag is not None]


def _by_stage(listing: bytes, artifact: bytes) -> Iterator[list[_Tag]]:
    """Yield the annotated tags of each stage of an artifact."""
    start = _place(listing, artifact + b"#")
    while (stage := _STAGE.match(listing, start)) and stage[1].startswith(artifact + b"#"):
        end = _place(listing, stage[1] + _AFTER)
        if end <= start:
            raise _UnclearError
        tags = _annotated(listing, start, end)
        if tags:
            yield tags
        start = end


class _VersionTags:
    """Finds the annotated tags of the versions of an artifact in the output of `git show-ref`."""

    def __init__(self, listing: bytes, artifact: bytes) -> None:
        self._listing = listing
        self._name = b" refs/tags/%s@" % artifact
        # `A` comes next after `@`.
        self._start, self._end = (_place(listing, artifact + mark) for mark in (b"@", b"A"))
        self._asked = 0
        if self._find(self._name + b"deprecated", self._start) >= 0:
            # Any later tag takes a deprecation back.
            raise _UnclearError

    def at(self, commit: bytes) -> list[list[_Tag]]:
        """Return all tags of each version that has a tag at the commit."""
        self._asked += 1
        if self._asked > _MOST_COMMITS:
            raise _UnclearError
        return [self._of(version) for version in set(self._versions(commit))]

    def _versions(self, commit: bytes) -> Iterator[bytes]:
        line = commit + self._name
        found = self._find(line, self._start)
        while found >= 0:
            end = self._listing.index(b"\n", found)
            name = self._listing[found + len(line) : end]
            # The line of a light tag ends with its name.
            if name.endswith(_PEELED):
                yield name.removesuffix(_PEELED).split(b"#")[0].rstrip(b"!")
            found = self._find(line, end)

    def _of(self, version: bytes) -> list[_Tag]:
        name = self._name.removeprefix(b" refs/tags/") + version
        ends = _place(self._listing, name), _place(self._listing, name + _AFTER)
        return _annotated(self._listing, *ends)

    def _find(self, text: bytes, start: int) -> int:
        return self._listing.find(text, start, self._end)


def _place(listing: bytes, name: bytes) -> int:
    """Return where the first tag stands that is not before `name` in the order of names."""

    def name_at(place: int) -> bytes:
        start = listing.rfind(b"\n", 0, place) + 1
        line = listing[start : listing.find(b"\n", place)]
        return line.partition(b" refs/tags/")[2].removesuffix(_PEELED)

    return bisect_left(range(len(listing)), name, key=name_at)


def _annotated(listing: bytes, start: int, end: int) -> list[_Tag]:
    width = listing.find(b" ")
    tags: list[_Tag] = re.findall(_ANNOTATED % (width, width), listing[start:end])
    return tags


def _decisive(
    dated: Sequence[tuple[int, _Tag]], versions: _VersionTags
) -> Iterator[tuple[int, _Tag, list[list[_Tag]]]]:
    """Yield the last tag of a stage at each commit, the newest first, until one decides.

    With its date, and all tags of each version at its commit.
    """
    seen: set[bytes] = set()
    for date, tag in _newest_first(dated):
        parsed = _parsed(tag)
        if parsed is None or tag[2] in seen:
            continue
        seen.add(tag[2])
        at_commit = versions.at(tag[2])
        yield date, tag, at_commit
        if not parsed.cancel and any(map(_is_active, at_commit)):
            # An earlier assignment of the stage does not count.
            return


def _newest_first(dated: Iterable[tuple[int, _Tag]]) -> Iterator[tuple[int, _Tag]]:
    newest, _ = max(dated)
    for is_last in (True, False):
        # To sort is rarely needed.
        some = (item for item in dated if (item[0] == newest) is is_last)
        yield from sorted(some, key=_in_order, reverse=True)


def _in_order(dated: tuple[int, _Tag]) -> tuple[int, bool, bytes]:
    # As `versions_of` does: within one second, an assignment comes before its cancellation.
    date, (_, name, _) = dated
    return date, b"!" in name, name


def _is_active(tags: Sequence[_Tag]) -> bool:
    """Whether no date can make the version inactive, or that of another commit."""
    tag = _parsed(tags[0]) if len(tags) == 1 else None
    return tag is not None and tag.version is not None and not tag.cancel


def _parsed(tag: _Tag, date: int = 0) -> RegistryTag | None:
    _, name, commit = tag
    return parse_tag(name.decode("utf-8", "surrogateescape"), commit.decode("ascii"), date)


def _dates(repository: GitRepository, tags: Collection[_Tag]) -> list[int]:
    """Return the dates of tags in Unix seconds."""
    if not tags:
        return []
    oids = [oid for oid, _, _ in tags]
    dates = _of_few(repository, oids) if len(oids) <= _FEW else _of_many(repository, oids)
    if len(dates) != len(oids):
        raise _UnclearError
    return list(map(int, dates))


def _of_few(repository: GitRepository, oids: Iterable[bytes]) -> list[bytes]:
    texts = repository.blobs.pass_by(oid.decode("ascii") for oid in oids)
    return [date[1] for _, text in texts if (date := _DATE.match(text)) is not None]


def _of_many(repository: GitRepository, oids: Iterable[bytes]) -> list[bytes]:
    # `git help cat-file`, "BATCH OUTPUT". Nobody could write this header into a tag.
    header = urandom(16).hex()
    text = repository.git.read_objects(oids, header, limits.TAGS_BYTES)
    return re.findall(b"%s\n%s" % (header.encode("ascii"), _DATE.pattern), text)
