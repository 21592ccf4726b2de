"""Hash the deps and outs of stages that are in Git, as DVC would."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from operator import attrgetter, is_, is_not, itemgetter

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.contents.tree import TrackedPath, TrackedTree, algorithms_of
from lineage_diff.dvc.hashes import LINE_ENDS, MD5, file_hash, folder_hash, with_line_ends
from lineage_diff.dvc.lock.entry import is_external
from lineage_diff.dvc.project import Rules
from lineage_diff.git.blobs import is_lfs_pointer
from lineage_diff.git.path_rules import Conversions
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Content, ContentKind, Hash, Version
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget

_AS_HELD = b""
_Way = tuple[str, bytes]
"""A scheme, and the line ends with which a blob is hashed, `_AS_HELD` for its own."""


class _Digest(Struct, frozen=True):
    """A blob's hash in one scheme and its size in bytes, or the reason for an unknown hash."""

    value: str | None
    size: int = 0
    unknown: str | None = None
    kind: ContentKind = "file"


class ContentReader:
    """Hashes the deps and outs of stages; a blob that two commits share is hashed once."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self._max_bytes = limits.content_bytes
        self._digests: defaultdict[_Way, dict[str, _Digest]] = defaultdict(dict)
        self._contents: dict[tuple[str, str, frozenset[Hash]], Content] = {}
        self._hashed: dict[tuple[str, str], str] = {}
        self._bytes = 0
        self._listed: tuple[Snapshot, list[str]] | None = None
        self._locked: dict[str, tuple[list[Stage], dict[str, frozenset[Hash]]]] = {}

    def _wanted(self, stages: Iterable[Stage]) -> dict[str, frozenset[Hash]]:
        """Return the hashes in all locks by path; those of a file whose stages are known at once.

        `stages` are sorted by id, so that those of a file follow each other.
        """
        wanted: dict[str, frozenset[Hash]] = {}
        for file, group in groupby(stages, key=attrgetter("file")):
            some = list(group)
            known = self._locked.get(file)
            if known is None or len(known[0]) != len(some) or not all(map(is_, known[0], some)):
                known = some, _locked_hashes(some)
                # Thousands of `.dvc` files have one stage each: to keep theirs gains nothing.
                if len(some) > 1:
                    self._locked[file] = known
            found = known[1]
            both = {path: wanted[path] | found[path] for path in wanted.keys() & found.keys()}
            wanted |= found
            wanted |= both
        return wanted

    def read(
        self,
        snapshot: Snapshot,
        stages: Iterable[Stage],
        rules: Rules,
        work: WorkBudget | None = None,
        root: str = "",
    ) -> dict[str, Content]:
        """Return, by path, the content of each dep and out that Git tracks.

        `root` is the folder of the project: as for DVC, others below it hold no files of it.
        Hashes are computed in the schemes that the locks use for the path; those with other line
        ends only where the plain ones do not match.
        """
        stages = tuple(stages)
        wanted = self._wanted(stages)
        made = _cached_outs(stages)
        contents: dict[str, Content] = {}
        targets: list[TrackedPath] = []
        work = work or WorkBudget()
        tree = TrackedTree(snapshot, rules, made, work, root, self._files_of)
        for path, hashes in wanted.items():
            entry = tree.entry(path)
            if entry is None:
                continue
            known = self._contents.get(("file", entry.oid, hashes))
            if known is not None and entry.kind in ("file", "executable"):
                contents[path] = known
            else:
                targets.append(tree.target(path, entry, hashes))
        self._hash(snapshot, targets, _AS_HELD)
        plain = {target.path: self._versions(target, _AS_HELD) for target in targets}
        missed = [
            target
            for target in targets
            if not all(
                any(v.hash == hash_ for v in plain[target.path][0]) for hash_ in target.wanted
            )
        ]
        self._hash(snapshot, missed, *LINE_ENDS)
        other = {
            target.path: tuple(
                version
                for ends in LINE_ENDS
                if self._is_other(target, ends)
                for version in self._versions(target, ends)[0]
                if version not in plain[target.path][0]
            )
            for target in missed
        }
        for target in targets:
            versions, reason, kind = plain[target.path]
            content = Content(
                target.oid,
                kind,
                versions,
                other.get(target.path, ()),
                target.unknown or reason,
                target.seen,
            )
            if kind == "file":
                content = self._contents.setdefault(("file", target.oid, target.wanted), content)
            contents[target.path] = content
        converted = _converted(snapshot, contents, wanted, targets, work)
        return dict(sorted((contents | converted).items()))

    def _files_of(self, snapshot: Snapshot) -> list[str]:
        """Return the sorted files of a commit, which its projects share."""
        if self._listed is None or self._listed[0] is not snapshot:
            self._listed = snapshot, list(snapshot.files())
        return self._listed[1]

    def _hash(self, snapshot: Snapshot, targets: Iterable[TrackedPath], *line_ends: bytes) -> None:
        """Hash the blobs of targets that have no hash yet."""
        asked: dict[str, dict[_Way, None]] = {}
        for target in targets:
            for algorithm in algorithms_of(target.wanted) if target.unknown is None else ():
                for way in ((algorithm, ends) for ends in line_ends):
                    known = self._digests[way]
                    for oid in target.blobs.values():
                        if oid not in known:
                            asked.setdefault(oid, {})[way] = None
        for oid, content in self._read(snapshot, asked):
            for way in asked[oid]:
                algorithm, ends = way
                text = with_line_ends(content, ends) if ends else content
                held = self._digests[algorithm, _AS_HELD].get(oid) if text is content else None
                if held is None:
                    digest = _digest(text, algorithm)
                    held = self._without_collision(oid, algorithm, digest, content, text is content)
                self._digests[way][oid] = held
        reason = unknown.TOO_MUCH if self._bytes > self._max_bytes else unknown.TOO_LARGE
        for oid, ways in asked.items():
            for way in ways:
                self._digests[way].setdefault(oid, _Digest(None, unknown=reason))

    def _without_collision(
        self, oid: str, algorithm: str, digest: _Digest, content: bytes, is_own: bool
    ) -> _Digest:
        """Return an unknown hash for content whose MD5 other content of this run has, too.

        Only if `is_own`: else, the hash is that of the content with other line ends.
        """
        if digest.value is None or not is_own:
            return digest
        identity = oid if algorithm == MD5 else file_hash(content, algorithm, sha256)
        first = self._hashed.setdefault((algorithm, digest.value), identity)
        return digest if first == identity else _Digest(None, unknown=unknown.COLLISION)

    def _read(self, snapshot: Snapshot, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for oid, content in snapshot.read_oids(oids):
            self._bytes += len(content)
            if self._bytes > self._max_bytes:
                return
            yield oid, content

    def _is_other(self, target: TrackedPath, ends: bytes) -> bool:
        """Return whether a file of a target has another hash with these line ends."""
        if target.unknown is not None:
            return False
        for algorithm in algorithms_of(target.wanted):
            other, own = self._digests[algorithm, ends], self._digests[algorithm, _AS_HELD]
            blobs = target.blobs.values()
            if any(map(is_not, map(other.get, blobs), map(own.get, blobs))):
                return True
        return False

    def _versions(
        self, target: TrackedPath, ends: bytes
    ) -> tuple[tuple[Version, ...], str | None, ContentKind]:
        """Return the hashes of a target in each wanted scheme, or the reason for no hash."""
        versions: list[Version] = []
        if target.unknown is not None:
            return (), target.unknown, target.kind
        for algorithm in algorithms_of(target.wanted):
            known = self._digests[algorithm, ends]
            digests = [known[oid] for oid in target.blobs.values()]
            named = zip(target.blobs, digests, strict=True)
            unread = [each for each in named if each[1].unknown is not None]
            if unread:
                first, digest = min(unread, key=itemgetter(0))
                if target.kind == "file":
                    return (), digest.unknown, digest.kind
                return (), unknown.holds(first, digest.unknown or ""), target.kind
            if target.kind == "file":
                (digest,) = digests
                value, size, count = digest.value, digest.size, None
            else:
                values = [digest.value or "" for digest in digests]
                listed = dict(zip(target.blobs, values, strict=True))
                size = sum([digest.size for digest in digests])
                for path, version in target.made.items():
                    listed |= _files_of(path, version)
                    size += version.size or 0
                value, count = folder_hash(listed), len(listed)
            if value is not None:
                versions.append(Version(Hash(algorithm, value), size, count))
        return tuple(versions), None, target.kind


def _converted(
    snapshot: Snapshot,
    contents: Mapping[str, Content],
    wanted: Mapping[str, frozenset[Hash]],
    targets: Iterable[TrackedPath],
    work: WorkBudget,
) -> dict[str, Content]:
    """Return, by path, the contents whose hash is unknown because Git converts their files.

    A path whose hashes are all those of its locks needs no look.
    """
    conversions = Conversions(snapshot, work)
    folders = {target.path: target.blobs for target in targets if target.kind == "directory"}
    found: dict[str, Content] = {}
    for path, content in contents.items():
        if content.unknown is None and not wanted[path] <= {v.hash for v in content.versions}:
            reached = snapshot.resolve(path) or path
            inner = folders.get(path, {"": ""})
            paths = [f"{reached}/{name}" if name else reached for name in inner]
            try:
                reason = _conversion(paths, conversions)
            except TooMuchWorkError as error:
                reason = error.message
            if reason is not None:
                found[path] = replace(content, unknown=reason)
    return found


def _conversion(paths: Iterable[str], conversions: Conversions) -> str | None:
    """Return why DVC's hash of files is unknown, if Git converts one of them."""
    for path in paths:
        setting = conversions.setting(path)
        if setting is not None:
            return unknown.converted(path, setting)
    return None


# Python makes an empty one anew each time, and a pipeline that never ran has one for each path.
_NO_HASHES: frozenset[Hash] = frozenset()


def _locked_hashes(stages: Iterable[Stage]) -> dict[str, frozenset[Hash]]:
    """Return, by path, its hashes in all locks."""
    wanted: dict[str, frozenset[Hash]] = {}
    for stage in stages:
        items: tuple[Dep | Out, ...] = (*stage.deps, *stage.outs, *_undeclared_deps(stage))
        for item in items:
            if item.external:
                continue
            path, locked = item.path, item.locked
            known = wanted.get(path)
            if locked is None or locked.hash is None:
                if known is None:
                    wanted[path] = _NO_HASHES
            elif known is None:
                wanted[path] = frozenset((locked.hash,))
            elif locked.hash not in known:
                wanted[path] = known | {locked.hash}
    return wanted


def _undeclared_deps(stage: Stage) -> list[Dep]:
    """Return the deps in a stage's lock entry that the stage no longer declares."""
    lock = stage.lock
    if lock is None:
        return []
    declared = {dep.declared for dep in stage.deps}
    if lock.deps.keys() <= declared:
        return []
    paths = {name: join(stage.wdir, name) for name in lock.deps.keys() - declared}
    return [Dep(path, name, is_external(path), lock.deps[name]) for name, path in paths.items()]


def _cached_outs(stages: Iterable[Stage]) -> dict[str, Version]:
    """Return the outputs that stages keep out of Git, by path, with their locked versions."""
    return {
        out.path: out.locked or Version(None)
        for stage in stages
        for out in stage.outs
        if out.cache and not out.external
    }


def _files_of(path: str, version: Version) -> dict[str, str]:
    """Return the hash of an output's file, or of the files that the commit lists in it."""
    if version.files is not None:
        return {f"{path}/{name}": hash_.value for name, hash_ in version.files}
    return {path: version.hash.value} if version.hash is not None else {}


def _digest(content: bytes, algorithm: str) -> _Digest:
    if is_lfs_pointer(content):
        return _Digest(None, unknown=unknown.LFS, kind="lfs")
    return _Digest(file_hash(content, algorithm), len(content))


def models_in_git(
    lineage: Lineage, snapshot: Snapshot, held: Mapping[str, Content]
) -> dict[str, Content]:
    """Return what Git holds at the paths of the registry's models, except those in `held`."""
    paths = {artifact.path for artifact in lineage.artifacts if artifact.type == "model"}
    entries = ((path, snapshot.entry(path)) for path in sorted(paths - held.keys()))
    return {
        path: Content(entry.oid, "file" if entry.kind == "executable" else entry.kind)
        for path, entry in entries
        if entry is not None
    }
