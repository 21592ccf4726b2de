"""Read the storage of DVC projects: the local cache, then the base branch's remote.

The remotes of the head are ignored: the author of a pull request could name their own server or a
command there.
"""

import base64
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event, Timer
from time import monotonic
from typing import Any
from unicodedata import category, normalize
from weakref import finalize

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.child_processes import end_child, start_child
from lineage_diff.dvc.hashes import MD5
from lineage_diff.dvc.project import project_roots
from lineage_diff.dvc.storage import failures as why
from lineage_diff.dvc.storage.objects import StoredDigest, Unfetched, has_address, has_hash
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.version import Hash

_CONFIG = ".dvc/config"
_LOCAL = ".dvc/config.local"
# A user installation is not on the path of an isolated Python.
_WORKER = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from lineage_diff.dvc.storage.worker import main; main()"
)


class FetchLimits(Struct, frozen=True):
    """The limits for one report: objects, bytes and seconds, per object and in total."""

    objects: int = limits.FETCH_OBJECTS
    object_bytes: int = limits.FETCH_OBJECT_BYTES
    bytes: int = limits.FETCH_BYTES
    object_seconds: float = limits.FETCH_OBJECT_SECONDS
    seconds: float = limits.FETCH_SECONDS
    looked_for: int = limits.PUSHED_OBJECTS
    looking_seconds: float = limits.PUSHED_SECONDS


class Presence(Struct, frozen=True):
    """The answer of a remote: of the first `asked` objects, it lacks the `missing`.

    `unknown` is the reason why it was not asked for the others; `None` if there are none.
    `remote` is its name, `None` if it is not known.
    """

    asked: int
    missing: frozenset[str]
    unknown: str | None = None
    remote: str | None = None


def trusted_projects(
    base: Snapshot, others: Iterable[Snapshot] | None, folder: str | os.PathLike[str]
) -> dict[str, dict[str, Any]]:
    """Return, by root, the trusted settings of each DVC project at the tip of the base branch.

    `folder` is the folder of the work tree, even if there is none. Its `config.local` is the
    user's own, unless one of the `others`, the commits that may be checked out, may have written
    it, or they are unknown. Its `config` shows for which address `config.local` was written.
    """
    snapshots = (base, *(others or ()))
    found: dict[str, dict[str, Any]] = {}
    written = _written_names(snapshots)
    for root in project_roots(base):
        config = join(root, _CONFIG)
        text: str | None = None
        if base.resolve(config) is not None:
            try:
                text = base.read(config).decode()
            except (InputError, UnicodeDecodeError):
                continue
        local = join(root, _LOCAL)
        brought = not written.isdisjoint(map(_seen_name, (local, *ancestors(local))))
        own = others is not None and not brought and _is_plain(folder, local)
        found[root] = {
            "config": text,
            "here": _text_here(folder, config),
            "folder": str(Path(folder).resolve() / join(root, ".dvc")),
            "own": own,
        }
    return found


def _written_names(snapshots: Iterable[Snapshot]) -> set[str]:
    """Return the names that may become a `config.local` where the commits are checked out.

    These are files of that name, links, submodules, whose files no commit here names, and whatever
    a file system that ignores case or invisible characters takes for one of them.
    """
    return {
        _seen_name(path)
        for snapshot in snapshots
        for path, entry in snapshot.files().items()
        if entry.kind in ("symlink", "submodule")
        or not path.isascii()
        or path[-len(_LOCAL) :].lower() == _LOCAL
    }


def _seen_name(path: str) -> str:
    """Return a path as a file system that ignores case and invisible characters compares it."""
    if path.isascii():
        return path.lower()
    shown = "".join(char for char in path if category(char) != "Cf")
    return normalize("NFKC", shown).casefold()


def _is_plain(folder: str | os.PathLike[str], path: str) -> bool:
    """Return whether no link is on the path below the folder: a commit could contain one."""
    top = Path(folder).resolve()
    return (top / path).resolve() == top / path


def _text_here(folder: str | os.PathLike[str], path: str) -> str | None:
    """Return the text of a small plain file of the work tree, `None` if there is none."""
    if not _is_plain(folder, path) or not Path(folder, path).is_file():
        return None
    try:
        with Path(folder, path).open("rb") as file:
            return file.read(limits.STORAGE_CONFIG_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        return None


class StorageClient:
    """Reads objects through a process, which starts with the first request."""

    def __init__(
        self, projects: Mapping[str, Mapping[str, Any]], bounds: FetchLimits | None = None
    ) -> None:
        self._projects = projects
        self._bounds = bounds or FetchLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._read: dict[tuple[str, Hash, str | None], bytes | Unfetched] = {}
        self._given_up: dict[tuple[str, str | None], str] = {}
        self._failures: Counter[tuple[str, str | None]] = Counter()
        self._bytes = 0
        self._spent = 0.0
        self._looked_for = 0
        self._looking = 0.0

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders of the repository's DVC projects."""
        return tuple(self._projects)

    @property
    def started(self) -> bool:
        """Whether the process is running."""
        return self._process is not None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            end_child(self._process)
            self._process.communicate()
            self._process = None

    def of(self, root: str) -> "ProjectObjects":
        """Return the objects of the project at a folder of the repository."""
        return ProjectObjects(self, root)

    def read(self, root: str, hash_: Hash, remote: str | None) -> bytes | Unfetched:
        """Return an object of a project; each is requested once."""
        key = root, hash_, remote
        if key not in self._read:
            self._read[key] = self._fetch(root, hash_, remote)
        return self._read[key]

    def _fetch(self, root: str, hash_: Hash, remote: str | None) -> bytes | Unfetched:
        bounds = self._bounds
        if not has_address(hash_):
            return Unfetched(why.no_address(hash_))
        if root not in self._projects:
            return Unfetched(why.NO_PROJECT)
        if len(self._read) >= bounds.objects:
            return Unfetched(why.too_many(bounds.objects))
        if self._bytes >= bounds.bytes:
            return Unfetched(why.too_much(bounds.bytes))
        if self._spent >= bounds.seconds:
            return Unfetched(why.out_of_time(bounds.seconds))
        most = min(bounds.object_bytes, bounds.bytes - self._bytes)
        begun = monotonic()
        answer = self._ask(
            {
                "project": root,
                "algorithm": hash_.algorithm,
                "value": hash_.value,
                "remote": remote,
                "most": most,
                "cache_only": (root, remote) in self._given_up,
            },
            min(bounds.object_seconds, bounds.seconds - self._spent),
        )
        self._spent += monotonic() - begun
        if isinstance(answer, str):
            # A second request would take as long again.
            self._given_up.setdefault((root, remote), answer)
            return Unfetched(answer)
        if "content" not in answer:
            return Unfetched(self._failure_reason(answer, most, (root, remote)))
        content = base64.b64decode(answer["content"])
        self._bytes += len(content)
        return content if has_hash(content, hash_) else Unfetched(why.WRONG)

    def digest(self, root: str, hash_: Hash, remote: str | None) -> StoredDigest | Unfetched:
        """Return the SHA-256 of a file of any size; its bytes are read and not kept.

        Only of a file by DVC 3's hash, which is that of the same bytes.
        """
        if hash_.algorithm != MD5 or hash_.is_dir or not has_address(hash_):
            return Unfetched(why.no_digest(hash_))
        if root not in self._projects:
            return Unfetched(why.NO_PROJECT_HERE)
        key = root, remote
        order = {
            "project": root,
            "digest_of": hash_.value,
            "remote": remote,
            "cache_only": key in self._given_up,
        }
        answer = self._ask(order, limits.FETCH_MODEL_SECONDS)
        if isinstance(answer, str):
            self._given_up.setdefault(key, answer)
            return Unfetched(answer)
        if "sha256" not in answer:
            return Unfetched(self._failure_reason(answer, 0, key))
        if answer["md5"] != hash_.value:
            return Unfetched(why.WRONG)
        return StoredDigest(answer["sha256"], answer["size"])

    def _failure_reason(
        self, answer: Mapping[str, Any], most: int, key: tuple[str, str | None]
    ) -> str:
        """Return why there is no object; give up a remote after repeated failures."""
        reason = self._given_up.get(key) or why.failed(answer, most)
        if answer["failed"] == "failed":
            self._failures[key] += 1
            if self._failures[key] == limits.FETCH_FAILURES:
                self._given_up[key] = reason
        return reason

    def look_for(
        self, root: str, algorithm: str, values: Sequence[str], remote: str | None
    ) -> Presence:
        """Ask a project's remote which objects it has; the cache does not count.

        `values` are distinct, valid hashes of one algorithm; `remote` is the name of an out's own
        remote. Beyond the limits of objects and seconds, the rest is unknown.
        """
        order = {"project": root, "algorithm": algorithm, "remote": remote}
        return self._look_for(order, "values", values)

    def look_for_versions(
        self, root: str, versions: Sequence[tuple[str, str]], remote: str | None
    ) -> Presence:
        """Ask a versioned remote which versions of files it has, by pairs of a path and a version.

        Paths start at the project; `missing` has those that it lacks. The limits are those of
        `look_for`.
        """
        return self._look_for({"project": root, "remote": remote}, "versions", versions)

    def _look_for(self, order: Mapping[str, Any], key: str, wanted: Sequence[Any]) -> Presence:
        """Send an order with as many of the `wanted` under its `key` as the limits leave."""
        bounds = self._bounds
        seconds = bounds.looking_seconds - self._looking
        if order["project"] not in self._projects:
            return Presence(0, frozenset(), why.NO_PROJECT_HERE)
        if seconds <= 0:
            return Presence(0, frozenset(), why.too_long_asked(bounds.looking_seconds))
        part = wanted[: max(bounds.looked_for - self._looked_for, 0)]
        self._looked_for += len(part)
        begun = monotonic()
        found = _presence(self._answers({**order, key: part}, seconds))
        self._looking += monotonic() - begun
        if found.unknown is None and len(part) < len(wanted):
            return replace(found, unknown=why.too_many_asked(bounds.looked_for))
        return found

    def _ask(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any] | str:
        """Return the process's answer, or the reason for no answer."""
        return next(self._answers(order, seconds))

    def _answers(self, order: Mapping[str, Any], seconds: float) -> Iterator[dict[str, Any] | str]:
        """Yield the process's answers; the last may be the reason for no further answer."""
        process = self._process or self._start()
        if self._process is None:
            self._process = process
            # Also ends the process without a call of `close`.
            finalize(self, end_child, process)
        if process.stdin is None or process.stdout is None:
            yield why.ENDED
            return
        is_late = Event()

        def late() -> None:
            is_late.set()
            end_child(process)

        timer = Timer(seconds, late)
        timer.start()
        more: object = True
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            while more:
                answer: dict[str, Any] = json.loads(process.stdout.readline())
                more = answer.get("more")
                if not more:
                    timer.cancel()
                yield answer
        except (OSError, ValueError):
            self.close()
            yield why.TOO_SLOW if is_late.is_set() else why.ENDED
        finally:
            timer.cancel()

    def _start(self) -> "subprocess.Popen[bytes]":
        process = start_child(
            # Isolated, and outside the repository: none of its files is imported.
            [sys.executable, "-I", "-c", _WORKER, str(Path(__file__).parents[3])],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).anchor,
            # Without a terminal, no program can wait for a password.
            own_session=True,
            bounded=False,
        )
        if process.stdin is not None:
            process.stdin.write(json.dumps(self._projects).encode() + b"\n")
            process.stdin.flush()
        return process


def _presence(answers: Iterable[dict[str, Any] | str]) -> Presence:
    asked = 0
    missing: set[str] = set()
    unknown = remote = None
    for answer in answers:
        if isinstance(answer, str):
            unknown = answer
            continue
        remote = answer.get("remote")
        if "failed" in answer:
            unknown = why.not_asked(answer)
        else:
            asked += answer["asked"]
            missing.update(answer["missing"])
    return Presence(asked, frozenset(missing), unknown, remote)


class ProjectObjects(Struct, frozen=True):
    """The `Objects` of one project."""

    storage: StorageClient
    root: str

    def read(self, hash_: Hash, remote: str | None = None) -> bytes | Unfetched:
        """Return an object's bytes, checked against the hash, or why they are not available."""
        return self.storage.read(self.root, hash_, remote)
