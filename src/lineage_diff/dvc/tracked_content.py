"""Hash the deps and outs of stages that are in Git, as DVC would."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.hashes import ALGORITHMS, MD5, file_hash, folder_hash, other_line_ends
from lineage_diff.dvc.linked_data import submodule_around
from lineage_diff.dvc.lock.entry import is_external
from lineage_diff.dvc.project import SKIPPED_FOLDERS, Rules
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Content, ContentKind, Hash, Version
from lineage_diff.parsing.work_budget import LISTING, TooMuchWorkError, WorkBudget

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LFS_BYTES = 1024


class _Digest(Struct, frozen=True):
    """A blob's hash in one scheme and its size in bytes, or the reason for an unknown hash."""

    value: str | None
    size: int = 0
    unknown: str | None = None
    kind: ContentKind = "file"


class _Target(Struct, frozen=True):
    """A path to hash, with its blobs by relative path, `""` for the path itself."""

    path: str
    oid: str
    kind: ContentKind
    wanted: frozenset[Hash]
    blobs: Mapping[str, str]
    made: Mapping[str, Version]
    unknown: str | None = None
    seen: str | None = None


class ContentReader:
    """Hashes the deps and outs of stages; a blob that two commits share is hashed once."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self._max_bytes = limits.content_bytes
        self._digests: dict[tuple[str, str, bool], _Digest] = {}
        self._contents: dict[tuple[str, str, frozenset[Hash]], Content] = {}
        self._hashed: dict[tuple[str, str], str] = {}
        self._bytes = 0

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
        wanted = _locked_hashes(stages)
        made = _cached_outs(stages)
        contents: dict[str, Content] = {}
        targets: list[_Target] = []
        tree = _Tree(snapshot, rules, made, work or WorkBudget(), root)
        for path, hashes in wanted.items():
            entry = tree.entry(path)
            if entry is None:
                continue
            known = self._contents.get(("file", entry.oid, hashes))
            if known is not None and entry.kind in ("file", "executable"):
                contents[path] = known
            else:
                targets.append(tree.target(path, entry, hashes))
        self._hash(snapshot, _blobs(targets, line_ends=False))
        plain = {target.path: self._versions(target, line_ends=False) for target in targets}
        missed = [
            target
            for target in targets
            if not all(
                any(v.hash == hash_ for v in plain[target.path][0]) for hash_ in target.wanted
            )
        ]
        self._hash(snapshot, _blobs(missed, line_ends=True))
        other = {target.path: self._versions(target, line_ends=True)[0] for target in missed}
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
        return dict(sorted(contents.items()))

    def _hash(self, snapshot: Snapshot, blobs: Iterable[tuple[str, str, bool]]) -> None:
        """Hash the blobs, given by id, scheme and line ends, that have no hash yet."""
        asked: dict[str, list[tuple[str, str, bool]]] = {}
        for blob in blobs:
            if blob not in self._digests:
                asked.setdefault(blob[0], []).append(blob)
        for oid, content in self._read(snapshot, asked):
            for blob in asked[oid]:
                digest = _digest(content, blob[1], line_ends=blob[2])
                self._digests[blob] = self._without_collision(blob, digest, content)
        reason = unknown.TOO_MUCH if self._bytes > self._max_bytes else unknown.TOO_LARGE
        for keys in asked.values():
            for blob in keys:
                self._digests.setdefault(blob, _Digest(None, unknown=reason))

    def _without_collision(
        self, blob: tuple[str, str, bool], digest: _Digest, content: bytes
    ) -> _Digest:
        """Return an unknown hash for content whose MD5 other content of this run has, too."""
        oid, algorithm, line_ends = blob
        if digest.value is None or (line_ends and other_line_ends(content) is not None):
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

    def _versions(
        self, target: _Target, *, line_ends: bool
    ) -> tuple[tuple[Version, ...], str | None, ContentKind]:
        """Return the hashes of a target in each wanted scheme, or the reason for no hash."""
        versions: list[Version] = []
        if target.unknown is not None:
            return (), target.unknown, target.kind
        for algorithm in _algorithms(target.wanted):
            digests = {
                path: self._digests[oid, algorithm, line_ends] for path, oid in target.blobs.items()
            }
            for path, digest in sorted(digests.items()):
                if digest.unknown is not None:
                    if target.kind == "file":
                        return (), digest.unknown, digest.kind
                    return (), unknown.holds(path, digest.unknown), target.kind
            if target.kind == "file":
                digest = digests[""]
                value, size, count = digest.value, digest.size, None
            else:
                listed = {path: digest.value or "" for path, digest in digests.items()}
                size = sum(digest.size for digest in digests.values())
                for path, version in target.made.items():
                    listed |= _files_of(path, version)
                    size += version.size or 0
                value, count = folder_hash(listed), len(listed)
            if value is not None:
                versions.append(Version(Hash(algorithm, value), size, count))
        return tuple(versions), None, target.kind


class _Tree:
    """Finds paths in a commit, and the files of folders as DVC walks them."""

    def __init__(
        self,
        snapshot: Snapshot,
        rules: Rules,
        made: Mapping[str, Version],
        work: WorkBudget,
        root: str,
    ) -> None:
        self._work = work
        self._root = root
        self._skipped: dict[tuple[str, str], bool] = {}
        self._snapshot = snapshot
        self._files = snapshot.files()
        self._paths: list[str] | None = None
        self._rules = rules
        self._made = made
        self._made_paths = sorted(made)

    def entry(self, path: str) -> Entry | None:
        """Return the entry at the path itself; a link at its end is not followed."""
        entry = self._files.get(path)
        if entry is None:
            target = self._snapshot.resolve(path) or self._submodule(path)
            entry = self._snapshot.entry(target) if target is not None else None
        return entry

    def _submodule(self, path: str) -> str | None:
        """Return the submodule that holds a path, `None` where DVC keeps what is there."""
        if _is_within(path, self._made):
            return None
        return submodule_around(path, self._snapshot)

    def target(self, path: str, entry: Entry, wanted: frozenset[Hash]) -> _Target:
        """Resolve a path to its blobs."""
        reached: str | None = path
        if entry.kind == "symlink":
            reached = self._snapshot.resolve(path) or self._submodule(path)
        found = self._snapshot.entry(reached) if reached is not None else None
        if entry.kind != "symlink":
            found = entry
        if reached is None or found is None:
            return _Target(path, entry.oid, "symlink", wanted, {}, {}, unknown.LINK)
        if found.kind == "submodule":
            return self._of_submodule(path, found, wanted)
        if found.kind != "directory":
            return _Target(path, found.oid, "file", wanted, {"": found.oid}, {})
        if not _algorithms(wanted):
            return _Target(path, found.oid, "directory", wanted, {}, {})
        return self._folder(path, self._snapshot.resolve(path) or path, found, wanted)

    def _of_submodule(self, path: str, found: Entry, wanted: frozenset[Hash]) -> _Target:
        if self._snapshot.follow(path) == submodule_around(path, self._snapshot):
            why = unknown.SUBMODULE
            return _Target(path, found.oid, "submodule", wanted, {}, {}, why)
        why = unknown.IN_SUBMODULE
        return _Target(path, found.oid, "in-submodule", wanted, {}, {}, why)

    def _folder(self, path: str, folder: str, entry: Entry, wanted: frozenset[Hash]) -> _Target:
        blobs: dict[str, str] = {}
        reason: str | None = None
        if self._paths is None:
            self._paths = list(self._files)
        made = {
            inner[len(folder) + 1 :]: self._made[inner]
            for inner in inside(self._made_paths, folder)
        }
        seen: dict[str, str] = {}
        below = [] if self._is_nested(folder) else inside(self._paths, folder)
        try:
            self._work.spend(32 * len(below) + sum(map(len, below)) // 4 + len(made), LISTING)
        except TooMuchWorkError as error:
            return _Target(path, entry.oid, "directory", wanted, {}, {}, error.message)
        for inner in below:
            name = inner[len(folder) + 1 :]
            if self._ignored(inner, folder) or _is_within(name, made):
                continue
            held = self._files[inner]
            if held.kind == "symlink":
                target = self._snapshot.resolve(inner)
                led = self._snapshot.entry(target) if target is not None else None
                seen[name] = held.oid
                if led is None and (lead := self._snapshot.follow(inner)) in self._made:
                    made[name] = self._made[lead or ""]
                    continue
                if led is None or led.kind not in ("file", "executable"):
                    reason = reason or unknown.holds(inner, unknown.LINK)
                    continue
                held = led
            seen[name] = held.oid
            if held.kind == "submodule":
                reason = reason or unknown.holds(inner, unknown.SUBMODULE)
                continue
            blobs[name] = held.oid
        for name, version in made.items():
            if version.hash is None or (version.hash.is_dir and version.files is None):
                reason = reason or unknown.holds_listing(f"{path}/{name}")
        return _Target(
            path, entry.oid, "directory", wanted, blobs, made, reason, _fingerprint(seen)
        )

    def _ignored(self, path: str, top: str) -> bool:
        above = path.rpartition("/")[0]
        return self._rules(above).ignores(path, False) or self._skips(above, top)

    def _is_nested(self, folder: str) -> bool:
        """Return whether another DVC project begins in a folder."""
        entry = self._snapshot.entry(f"{folder}/.dvc") if folder != self._root else None
        return entry is not None and entry.kind == "directory"

    def _skips(self, folder: str, top: str) -> bool:
        """Return whether a folder below `top`, or one between the two, is not entered."""
        pending: list[str] = []
        while len(folder) > len(top) and (folder, top) not in self._skipped:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        skipped = self._skipped.get((folder, top), False)
        for inner in reversed(pending):
            above, _, name = inner.rpartition("/")
            skipped = skipped or name in SKIPPED_FOLDERS or self._rules(above).ignores(inner, True)
            skipped = skipped or self._is_nested(inner)
            self._skipped[inner, top] = skipped
        return skipped


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
                    wanted[path] = frozenset()
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


def _fingerprint(files: Mapping[str, str]) -> str:
    """Name the files of a folder that DVC looks at, by path and Git's ids, without their modes."""
    lines = (f"{path}\0{oid}\n" for path, oid in sorted(files.items()))
    return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _algorithms(wanted: frozenset[Hash]) -> list[str]:
    return sorted({hash_.algorithm for hash_ in wanted} & ALGORITHMS)


def _blobs(targets: Iterable[_Target], *, line_ends: bool) -> Iterator[tuple[str, str, bool]]:
    for target in targets:
        if target.unknown is None:
            for algorithm in _algorithms(target.wanted):
                for oid in target.blobs.values():
                    yield oid, algorithm, line_ends


def _digest(content: bytes, algorithm: str, *, line_ends: bool) -> _Digest:
    if len(content) < LFS_BYTES and content.startswith(LFS_POINTER):
        return _Digest(None, unknown=unknown.LFS, kind="lfs")
    if line_ends:
        content = other_line_ends(content) or content
    return _Digest(file_hash(content, algorithm), len(content))


def _is_within(path: str, paths: Mapping[str, Version]) -> bool:
    return bool(paths) and (path in paths or any(above in paths for above in ancestors(path)))


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


def taken_over(earlier: Iterable[Stage], stages: Iterable[Stage]) -> Iterator[Stage]:
    """Yield the earlier stages, without their outs, some of which are in `.dvc` files now."""
    tracked = {out.path for stage in stages if stage.is_dvcfile for out in stage.outs}
    for stage in earlier if tracked else ():
        if not stage.is_dvcfile and any(out.path in tracked for out in stage.outs):
            yield replace(stage, outs=())
