"""Find the versions in use among many tags, without reading the object of each.

`git show-ref` lists all tags and their commits in a few milliseconds; to read the dates of the tags
takes many times as long. So only those dates are read that decide which version holds a stage:
those of all tags of stages, as GTO goes by dates and not by numbers, and of a few versions.

Git works while its caller does something else: output that waits in a pipe also costs a third of
what it costs to wait for each part of it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from os import urandom

from lineage_diff import limits
from lineage_diff.dvc.model_registry import read_model_registry, versions_of
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository
from lineage_diff.lineage.registry import RegistryTag, RegistryVersion, parse_tag
from lineage_diff.parsing.yaml_loader import collection_paused

_Tag = bytes
"""The lines of an annotated tag in the output of `git show-ref`, without the last `^{}`.

`ID refs/tags/NAME`, and on the next line `COMMIT refs/tags/NAME`.
"""

_REFS = b" refs/tags/"
_STAGE = re.compile(rb"\S+ refs/tags/([^\n#]+#[^\n#!^]*)")
# Git sorts names by their bytes. This one comes after `!` and `#`, which may follow a stage or a
# version, and before what a longer name goes on with.
_AFTER = b"$"
_PEELED = b"^{}"
# To look for the versions at more commits takes longer than to read all tags.
_MOST_COMMITS = 100
# Tags of another form are left to Git.
_DATE = re.compile(rb"object .*\ntype commit\ntag .*\ntagger [^\n>]*> ([0-9]{1,18}) ")
# For so few tags, no process of its own is started.
_FEW = 100


class _UnclearError(Exception):
    """The dates of all tags count."""


class InUseReader:
    """Reads the versions of artifacts that are in a stage, while other work goes on."""

    def __init__(self, repository: GitRepository, artifacts: Collection[str]) -> None:
        """Start to list the tags; `artifacts` are names in the registry."""
        self._repository, self._artifacts = repository, artifacts
        self._list = repository.git.start_up_to("show-ref", "--tags", "--dereference")
        self._tags: _StageTags | None = None
        self._unclear = False

    def read_on(self) -> None:
        """Start to read the dates of the tags of stages, once the tags are listed."""
        try:
            with collection_paused():
                listing = self._list(limits.TAGS_BYTES)
                self._tags = _StageTags(self._repository, listing, self._artifacts)
        except (_UnclearError, GitFailed):
            self._unclear = True

    def versions(self) -> tuple[RegistryVersion, ...]:
        """Return the versions that are in a stage, as `read_model_registry` does."""
        if self._tags is None and not self._unclear:
            self.read_on()
        found = self._deciding_versions()
        if found is None:
            found = read_model_registry(self._repository, self._artifacts)
        return tuple(version for version in found if version.stages)

    def _deciding_versions(self) -> tuple[RegistryVersion, ...] | None:
        try:
            with collection_paused():
                return None if self._tags is None else versions_of(self._tags.deciding())
        except (_UnclearError, GitFailed):
            return None


class _StageTags:
    """The tags of the stages of some artifacts, in the output of `git show-ref`."""

    def __init__(
        self, repository: GitRepository, listing: bytes, artifacts: Collection[str]
    ) -> None:
        """Start to read their dates."""
        if len(listing) >= limits.TAGS_BYTES:
            raise _UnclearError
        self._repository, self._listing = repository, listing
        names = {name.replace(":", "=").encode("utf-8", "surrogateescape") for name in artifacts}
        self._stages = [(name, tags) for name in names for tags in _by_stage(listing, name)]
        # One process reads them all.
        self._dates = _start_dates(repository, [tag for _, tags in self._stages for tag in tags])

    def deciding(self) -> list[RegistryTag]:
        """Return the tags that decide which versions hold the stages, in the order of names."""
        versions = {name: _VersionTags(self._listing, name) for name in dict(self._stages)}
        dates = iter(self._dates())
        found: dict[_Tag, int] = {}
        held: set[_Tag] = set()
        for name, tags in self._stages:
            for date, tag, at_commit in _decisive(
                list(islice(dates, len(tags))), tags, versions[name]
            ):
                found[tag] = date
                held.update(*at_commit)
        found |= zip(held, _start_dates(self._repository, list(held))(), strict=True)
        parsed = (_parse(tag, found[tag]) for tag in sorted(found, key=_name_of))
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
        self._name = b"%s%s@" % (_REFS, artifact)
        # `A` comes next after `@`.
        self._start, self._end = (_place(listing, artifact + mark) for mark in (b"@", b"A"))
        self._asked = 0
        deprecated = artifact + b"@deprecated"
        if _place(listing, deprecated) != _place(listing, deprecated + _AFTER):
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
        name = self._name.removeprefix(_REFS) + version
        ends = _place(self._listing, name), _place(self._listing, name + _AFTER)
        return _annotated(self._listing, *ends)

    def _find(self, text: bytes, start: int) -> int:
        return self._listing.find(text, start, self._end)


def _place(listing: bytes, name: bytes) -> int:
    """Return where the first tag stands that is not before `name` in the order of names."""

    def name_at(place: int) -> bytes:
        start = listing.rfind(b"\n", 0, place) + 1
        line = listing[start : listing.find(b"\n", place)]
        return _name_of(line).removesuffix(_PEELED)

    return bisect_left(range(len(listing)), name, key=name_at)


def _name_of(tag: _Tag) -> bytes:
    return tag.rpartition(_REFS)[2]


def _commit_of(tag: _Tag) -> bytes:
    return tag[tag.index(b"\n") + 1 :].partition(b" ")[0]


def _annotated(listing: bytes, start: int, end: int) -> list[_Tag]:
    """Return the annotated tags in a part of the listing; a light tag has no line with `^{}`.

    A light tag stands at the start of the next one, whose id is then no tag's: that is noticed when
    its date is read.
    """
    return listing[start:end].split(b"^{}\n")[:-1]


def _decisive(
    dates: Sequence[int], tags: Sequence[_Tag], versions: _VersionTags
) -> Iterator[tuple[int, _Tag, list[list[_Tag]]]]:
    """Yield the last tag of a stage at each commit, the newest first, until one decides.

    With its date, and all tags of each version at its commit.
    """
    seen: set[bytes] = set()
    for date, tag in _newest_first(dates, tags):
        parsed = _parse(tag)
        commit = _commit_of(tag)
        if parsed is None or commit in seen:
            continue
        seen.add(commit)
        at_commit = versions.at(commit)
        yield date, tag, at_commit
        if not parsed.cancel and any(map(_is_active, at_commit)):
            # An earlier assignment of the stage does not count.
            return


def _newest_first(dates: Sequence[int], tags: Sequence[_Tag]) -> Iterator[tuple[int, _Tag]]:
    newest = max(dates)
    last = [tags[place] for place, date in enumerate(dates) if date == newest]
    yield from sorted(((newest, tag) for tag in last), key=_in_order, reverse=True)
    # To sort is rarely needed.
    others = (item for item in zip(dates, tags, strict=True) if item[0] != newest)
    yield from sorted(others, key=_in_order, reverse=True)


def _in_order(dated: tuple[int, _Tag]) -> tuple[int, bool, bytes]:
    # As `versions_of` does: within one second, an assignment comes before its cancellation.
    date, tag = dated
    return date, b"!" in tag, _name_of(tag)


def _is_active(tags: Sequence[_Tag]) -> bool:
    """Whether no date can make the version inactive, or that of another commit."""
    tag = _parse(tags[0]) if len(tags) == 1 else None
    return tag is not None and tag.version is not None and not tag.cancel


def _parse(tag: _Tag, date: int = 0) -> RegistryTag | None:
    name = _name_of(tag).decode("utf-8", "surrogateescape")
    return parse_tag(name, _commit_of(tag).decode("ascii"), date)


def _start_dates(repository: GitRepository, tags: Sequence[_Tag]) -> Callable[[], list[int]]:
    """Start to read the dates of tags, in Unix seconds; return a function that waits for them."""
    if len(tags) <= _FEW and any(tag.count(b"\n") > 1 for tag in tags):
        # A light tag: where there are many, the type of its object says so.
        raise _UnclearError
    width = tags[0].index(b" ") if tags else 0
    oids = [tag[:width] for tag in tags]
    read = _start_few(repository, oids) if len(oids) <= _FEW else _start_many(repository, oids)

    def dates() -> list[int]:
        found = read()
        if len(found) != len(oids):
            raise _UnclearError
        return list(map(int, found))

    return dates


def _start_few(repository: GitRepository, oids: Iterable[bytes]) -> Callable[[], list[bytes]]:
    # Reading has not begun where none is asked for.
    texts = repository.blobs.pass_by(oid.decode("ascii") for oid in oids)
    return lambda: [date[1] for _, text in texts if (date := _DATE.match(text)) is not None]


def _start_many(repository: GitRepository, oids: Sequence[bytes]) -> Callable[[], list[bytes]]:
    # `git help cat-file`, "BATCH OUTPUT". No tag can hold this random header.
    header = urandom(8).hex()
    read = repository.git.start_reading(oids, f"{header} %(objecttype)")
    form = b"%s tag\n%s" % (header.encode("ascii"), _DATE.pattern)
    return lambda: re.findall(form, read(limits.TAGS_BYTES))
