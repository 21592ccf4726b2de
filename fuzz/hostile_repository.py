"""Builds Git repositories of any content from memory, by `git fast-import`: nothing is checked out.

What a head holds is data: its files, links, trees of trees and earlier commits.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.git_repo import git_environment

BASE, HEAD = "main", "hostile"
_EPOCH = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Bomb:
    """A tree of `width` trees of as many trees, `depth` deep: it names `width ** depth` files."""

    width: int
    depth: int


@dataclass(frozen=True, slots=True)
class Step:
    """An earlier commit: what it changes, and its parents as numbers of steps (-1: the base)."""

    files: Mapping[str, bytes]
    parents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What a head holds beside its base: paths with content, with targets of links, with bombs.

    `history` holds the commits between base and head; the head's parent is the last.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    bombs: Mapping[str, Bomb] = field(default_factory=dict)
    history: Sequence[Step] = ()

    @property
    def size(self) -> int:
        """Bytes of what a push has to send: each content once, and a row in a tree each file."""
        contents = {id(text): len(text) for text in self.files.values()}
        steps = sum(len(text) + 300 for step in self.history for text in step.files.values())
        rows = sum(30 + len(path.rsplit("/", 1)[-1]) for path in (*self.files, *self.links))
        return sum(contents.values()) + rows + steps


def build_repository(folder: Path, base: Mapping[str, bytes], head: Head) -> None:
    """Make a repository without work tree files in `folder` with the branches `main` and `hostile`."""  # noqa: E501
    _git(folder, "init", "-q", "-b", BASE)
    bombs = {path: _tree(folder, bomb) for path, bomb in head.bombs.items()}
    stream = b"".join(_stream(base, head, bombs))
    _git(folder, "fast-import", "--quiet", "--force", given=stream)


def _stream(base: Mapping[str, bytes], head: Head, bombs: Mapping[str, str]) -> Iterator[bytes]:
    blobs = _Blobs(2 + len(head.history))
    yield from _commit(blobs, BASE, 1, base, ())
    for number, step in enumerate(head.history):
        parents = tuple(parent + 2 for parent in step.parents)
        yield from _commit(blobs, HEAD, number + 2, step.files, parents)
    yield from _commit(blobs, HEAD, len(head.history) + 2, head.files, (len(head.history) + 1,))
    for path, target in head.links.items():
        yield b"M 120000 inline %s\n%s" % (_quoted(path), _data(_encoded(target)))
    for path, tree in bombs.items():
        yield b"M 040000 %s %s\n" % (tree.encode(), _quoted(path))


class _Blobs:
    """Gives each content a mark, so that thousands of copies are sent once."""

    def __init__(self, after: int) -> None:
        self._next = after
        self._marks: dict[bytes, int] = {}

    def new(self, files: Mapping[str, bytes]) -> Iterator[bytes]:
        for content in files.values():
            if content not in self._marks:
                self._next += 1
                self._marks[content] = self._next
                yield b"blob\nmark :%d\n%s" % (self._next, _data(content))

    def mark(self, content: bytes) -> int:
        return self._marks[content]


def _commit(
    blobs: _Blobs, branch: str, mark: int, files: Mapping[str, bytes], parents: Sequence[int]
) -> Iterator[bytes]:
    yield from blobs.new(files)
    yield b"commit refs/heads/%s\nmark :%d\n" % (branch.encode(), mark)
    yield b"committer A <a@example.com> %d +0000\ndata 2\nx\n" % (_EPOCH + mark)
    for position, parent in enumerate(parents):
        yield b"%s :%d\n" % (b"merge" if position else b"from", parent)
    for path, content in files.items():
        yield b"M 100644 :%d %s\n" % (blobs.mark(content), _quoted(path))


def _quoted(path: str) -> bytes:
    text = _encoded(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"' % text


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _tree(folder: Path, bomb: Bomb) -> str:
    blob = _git(folder, "hash-object", "-w", "--stdin", given=b"stages: {}\n")
    rows = "".join(f"100644 blob {blob}\tf{number}\n" for number in range(bomb.width))
    tree = _git(folder, "mktree", given=rows.encode())
    for _ in range(bomb.depth - 1):
        rows = "".join(f"040000 tree {tree}\td{number}\n" for number in range(bomb.width))
        tree = _git(folder, "mktree", given=rows.encode())
    return tree


def _git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(
        command, input=given, check=True, stdout=subprocess.PIPE, env=git_environment()
    )
    return done.stdout.decode().strip()


def stage_head(folder: Path) -> bool:
    """Put what the head holds into the index, as `git add` of all of it would.

    Return whether Git can: it crashes on folders some thousand deep.
    """
    try:
        _git(folder, "read-tree", HEAD)
    except subprocess.CalledProcessError:
        return False
    return True
