"""Versions of a path's content in DVC (hash, size, number of files) and in Git.

DVC 2 hashed text with its line ends changed (`md5-dos2unix`), DVC 3 hashes bytes (`md5`). For
content without CRLF both give the same value: equal values under the two names are a `rehashed`
file. Different values are called modified, as in `dvc diff`: nothing in Git shows whether only
the line ends or the content differ.
"""

from typing import Literal

from msgspec import Struct


class Hash(Struct, frozen=True, gc=False):
    """A hash as DVC writes it.

    `algorithm` is DVC's `hash:` field: `md5` (DVC 3), `md5-dos2unix` (DVC 2, no `hash:` field),
    or the cloud's own `etag`, `checksum`, `version_id`; `git` for a blob or tree id without a DVC
    hash. `value` ends in `.dir` for directories.
    """

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    @property
    def is_dir(self) -> bool:
        """Whether it is the hash of a directory's listing."""
        return self.value.endswith(".dir")


class Version(Struct, frozen=True, gc=False):
    """One version of a path's content. `size` in bytes; `None` is unknown.

    `files` are those of a directory, sorted by relative path, where a lock or a `.dvc` file lists
    them, as for a remote with `version_aware` or `worktree`.
    """

    hash: Hash | None
    size: int | None = None
    nfiles: int | None = None
    files: tuple[tuple[str, Hash], ...] | None = None


ContentKind = Literal["file", "directory", "symlink", "submodule", "in-submodule", "lfs"]


class Content(Struct, frozen=True, gc=False):
    """A path that Git tracks.

    `oid` is the blob's or tree's id. `versions` are its hashes in DVC 3's and DVC 2's scheme,
    exactly as DVC computes them; empty if they were not computed or cannot be (`unknown` is then
    the reason). `eol_versions` are the same for the content with its line ends changed (CRLF for
    LF and the other way round). `seen` names the parts of a folder that DVC looks at:
    neither modes nor files that `.dvcignore` leaves out; `None` if it was not listed.
    """

    oid: str
    kind: ContentKind
    versions: tuple[Version, ...] = ()
    eol_versions: tuple[Version, ...] = ()
    unknown: str | None = None
    seen: str | None = None


def same_content(old: Content | None, new: Content | None) -> bool:
    """Whether DVC sees the same at a path that Git tracks on two sides."""
    if old is None or new is None:
        return old is new
    # The same folder differs for DVC where a `.dvcignore` changed.
    if old.seen is None or new.seen is None:
        return old.oid == new.oid
    return old.seen == new.seen


_MD5 = frozenset({"md5", "md5-dos2unix"})


def same_hash(old: Hash | None, new: Hash | None) -> bool:
    """Whether two hashes name the same content."""
    if old is None or new is None or old.value != new.value:
        return old is new
    return old.algorithm == new.algorithm or {old.algorithm, new.algorithm} <= _MD5


def same_hashes(text: str) -> tuple[str, ...]:
    """Return the hashes, as `algorithm:value`, that name the same content as this one, sorted."""
    algorithm, _, value = text.partition(":")
    return tuple(f"{name}:{value}" for name in sorted(_MD5)) if algorithm in _MD5 else (text,)


def same_version(old: Version | None, new: Version | None) -> bool:
    """Whether two versions name the same content; no version equals a version without a hash."""
    if old is new:
        return True
    return same_hash(old.hash if old else None, new.hash if new else None)


def is_recorded(version: Version | None) -> bool:
    """Whether the version has a hash, from a lock, a `.dvc` file or Git."""
    return version is not None and version.hash is not None


def hash_text(version: Version | None) -> str | None:
    """Return a version's hash as `algorithm:value`, `None` if it has none."""
    found = version.hash if version is not None else None
    return f"{found.algorithm}:{found.value}" if found is not None else None
