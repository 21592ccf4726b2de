"""Commits of a usual work tree, made without a process of Git, whose two take most of the time.

Leaves a repository as these two do, byte for byte but for `COMMIT_EDITMSG` and the index's cached
trees; `tests/git/test_quick_commit.py` holds it to them. What is not usual is left to Git.
"""

import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

# Of a repository where nothing is going on: no merge, no hooks, no attributes, no packed branches.
_USUAL_FILES = {"HEAD", "ORIG_HEAD", "COMMIT_EDITMSG", "config", "index", "logs", "objects", "refs"}
_USUAL_NAMES = {b".github", b".gitignore", b".gitkeep"}
_MANY = 500
_ENTRY = struct.Struct(">10I20sH")
_ASSUMED_OR_UNMERGED = 0xB000
_GITLINK = 0o160000
_AUTHOR = b"A <a@example.com>"


class _UnusualError(Exception):
    """The work tree holds what only Git knows how to add."""


def quick_commit(worktree: Path, config: bytes, message: str, second: int) -> str | None:
    """Commit the whole work tree, ignored files too, if all of it is usual.

    `config` is the repository's configuration as Git makes it; `second` is the time of the
    commit, in seconds since 1970. Returns the commit's id, or `None` if nothing was done.
    """
    folder = worktree / ".git"
    text = _usual_message(message)
    if text is None or not _is_usual(folder, config):
        return None
    branch = (folder / "HEAD").read_bytes().strip()
    ref = branch.removeprefix(b"ref: ")
    is_branch = ref != branch
    try:
        parent = (folder / os.fsdecode(ref)).read_bytes().strip() if is_branch else ref
    except FileNotFoundError:
        parent = b""
    entries: list[bytes] = []
    try:
        tree = _tree(os.fsencode(worktree), b"", folder, entries)
    except _UnusualError:
        return None
    moment = b"%s %d +0000" % (_AUTHOR, second)
    parents = b"parent %s\n" % parent if parent else b""
    body = b"tree %s\n%sauthor %s\ncommitter %s\n\n%s\n"
    content = body % (tree.hex().encode(), parents, moment, moment, text)
    made = _store(folder, b"commit", content).hex()
    _replace(folder / "index", _index(entries))
    _replace(folder / os.fsdecode(ref) if is_branch else folder / "HEAD", f"{made}\n".encode())
    kind = b"commit" if parent else b"commit (initial)"
    line = b"%s %s %s\t%s: %s\n" % (
        parent or b"0" * 40,
        made.encode(),
        moment,
        kind,
        text.partition(b"\n")[0],
    )
    for log in ("HEAD", os.fsdecode(ref))[: 1 + is_branch]:
        _append(folder / "logs" / log, line)
    return made


def _usual_message(message: str) -> bytes | None:
    """Return a message of which Git would clean up nothing."""
    lines = message.split("\n")
    if not message.strip() or message != message.strip() or "\n\n\n" in message:
        return None
    if any(line != line.rstrip() for line in lines) or "\0" in message:
        return None
    # The subject is all lines of the first paragraph.
    if len(lines) > 1 and lines[1]:
        return None
    try:
        return message.encode()
    except UnicodeEncodeError:
        return None


def _is_usual(folder: Path, config: bytes) -> bool:
    """Return whether a repository is as Git made it, but for commits of usual files."""
    try:
        if not {file.name for file in folder.iterdir()} <= _USUAL_FILES:
            return False
        return (folder / "config").read_bytes() == config and _is_usual_index(folder / "index")
    except OSError:
        return False


def _is_usual_index(file: Path) -> bool:
    """Return whether an index has only files, all of them merged and looked at."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return True
    magic, version, count = struct.unpack_from(">4sII", content)
    if magic != b"DIRC" or version != 2:
        return False
    at = 12
    for _ in range(count):
        entry = _ENTRY.unpack_from(content, at)
        if entry[6] == _GITLINK or entry[-1] & _ASSUMED_OR_UNMERGED:
            return False
        end = content.index(b"\0", at + _ENTRY.size)
        at += (end - at) // 8 * 8 + 8
    return True


def _tree(path: bytes, prefix: bytes, folder: Path, entries: list[bytes]) -> bytes:
    """Store a folder and all in it; return the id of its tree, and add to the index's entries."""
    tree = []
    for name, found in _listed(path, is_root=not prefix):
        if found.is_dir(follow_symlinks=False):
            inner = _tree(found.path, prefix + name + b"/", folder, entries)
            if inner:
                tree.append(b"40000 %s\0%s" % (name, inner))
            continue
        status = found.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            mode, content = 0o120000, os.fsencode(Path(os.fsdecode(found.path)).readlink())
        elif stat.S_ISREG(status.st_mode):
            mode = 0o100755 if status.st_mode & stat.S_IXUSR else 0o100644
            content = _content(found.path)
        else:
            raise _UnusualError
        if len(entries) == _MANY:
            raise _UnusualError
        blob = _store(folder, b"blob", content)
        tree.append(b"%o %s\0%s" % (mode, name, blob))
        entries.append(_entry(status, mode, blob, prefix + name))
    return _store(folder, b"tree", b"".join(tree)) if tree or not prefix else b""


def _content(path: bytes) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY), "rb", buffering=0) as file:
        return file.read()


def _listed(path: bytes, *, is_root: bool) -> Iterator[tuple[bytes, "os.DirEntry[bytes]"]]:
    """Yield what a folder holds, in Git's order."""
    found = []
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if is_root and name == b".git":
                continue
            # Other repositories, attributes, and names that some systems take for these.
            if (
                re.match(rb"\.?git", name, re.IGNORECASE) and name not in _USUAL_NAMES
            ) or b"\\" in name:
                raise _UnusualError
            found.append((name, entry))
    return iter(sorted(found, key=lambda x: x[0] + b"/" * x[1].is_dir(follow_symlinks=False)))


def _store(folder: Path, kind: bytes, content: bytes) -> bytes:
    """Store an object, unless it is there; return its id as bytes."""
    whole = b"%s %d\0%s" % (kind, len(content), content)
    found = sha1(whole, usedforsecurity=False)
    name = found.hexdigest()
    file = f"{folder}/objects/{name[:2]}/{name[2:]}"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileNotFoundError:
        Path(file).parent.mkdir()
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        return found.digest()
    with os.fdopen(handle, "wb") as stored:
        stored.write(zlib.compress(whole, 1))
    return found.digest()


def _entry(status: os.stat_result, mode: int, blob: bytes, path: bytes) -> bytes:
    """Return a file as the index lists it: git help gitformat-index."""
    times = (*divmod(status.st_ctime_ns, 10**9), *divmod(status.st_mtime_ns, 10**9))
    owners = (status.st_dev, status.st_ino, mode, status.st_uid, status.st_gid, status.st_size)
    numbers = (number & 0xFFFFFFFF for number in (*times, *owners))
    entry = _ENTRY.pack(*numbers, blob, min(len(path), 0xFFF)) + path
    return entry + b"\0" * (8 - len(entry) % 8)


def _index(entries: list[bytes]) -> bytes:
    content = b"DIRC" + struct.pack(">II", 2, len(entries)) + b"".join(entries)
    return content + sha1(content, usedforsecurity=False).digest()


def _replace(file: Path, content: bytes) -> None:
    """Write a file of Git anew: to replace one at once waits for the disk, and no test looks on."""
    file.unlink(missing_ok=True)
    try:
        file.write_bytes(content)
    except FileNotFoundError:
        file.parent.mkdir(parents=True)
        file.write_bytes(content)


def _append(file: Path, line: bytes) -> None:
    try:
        handle = file.open("ab")
    except FileNotFoundError:
        file.parent.mkdir(parents=True)
        handle = file.open("ab")
    with handle:
        handle.write(line)
