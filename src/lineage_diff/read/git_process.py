"""Git as a process that only reads: started through GitPython, with nothing left to execute.

Every command names the Git directory, so that neither `GIT_DIR` of a hook nor the owner of the
directory decides which repository is read; and every setting by which a repository's own
configuration could run a program or reach the network is off.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, BinaryIO, cast

from lineage_diff.read import limits
from lineage_diff.read.errors import InputError

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_CHUNK = 1 << 20
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showRoot=true",
    "log.showSignature=false",
    "protocol.allow=never",
)


def git_missing() -> InputError:
    """There is no `git` to run."""
    return InputError("Git is not installed", mend="Install Git 2.24 or newer and put it on PATH.")


class GitFailed(Exception):  # noqa: N818  # the error of a person is InputError
    """Git ended with another status than 0; `message` is the last line that it wrote."""

    def __init__(self, status: int, stderr: str) -> None:
        lines = [line for line in stderr.splitlines() if line.strip()]
        self.status = status
        last = lines[-1].removeprefix("fatal: ") if lines else ""
        # Git may quote a name from the repository: no control characters for the terminal.
        self.message = "".join(char if char.isprintable() else "?" for char in last)
        super().__init__(self.message)


def _index(path: str | None) -> dict[str, str]:
    """Name the index that a hook is told to look at: Git is not run in the hook's folder."""
    return {} if path is None else {"GIT_INDEX_FILE": os.path.abspath(path)}  # noqa: PTH100


class GitProcess:
    """Runs Git on one Git directory."""

    def __init__(self, git_dir: str) -> None:
        from git.cmd import Git

        self.git_dir = git_dir
        self._git: Git = Git(git_dir)
        self._git.update_environment(**_ENVIRONMENT, **_index(os.environ.get("GIT_INDEX_FILE")))

    def _command(self, args: Iterable[str]) -> list[str]:
        command = [self._git.GIT_PYTHON_GIT_EXECUTABLE or "git", f"--git-dir={self.git_dir}"]
        for setting in _SETTINGS:
            command += ("-c", setting)
        return [*command, "--no-pager", *args]

    def run(self, *args: str) -> bytes:
        """Run a command to its end and return its output. Raises `GitFailed` or `InputError`."""
        from git.exc import GitCommandNotFound

        try:
            status, output, stderr = self._git.execute(
                self._command(args),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except GitCommandNotFound as error:
            raise git_missing() from error
        if status:
            raise GitFailed(status, stderr)
        return output

    def run_up_to(self, limit: int, *args: str) -> bytes:
        """Run a command and return the first `limit` bytes of its output; then it is ended."""
        git = self.start(*args)
        # Python makes room at once for as much as is asked for.
        parts: list[bytes] = []
        left = limit
        while left and (part := git.stdout.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        output = b"".join(parts)
        if left:
            stderr = git.stderr.read().decode("utf-8", "replace")
            status: int = git.proc.wait()
            if status:
                raise GitFailed(status, stderr)
        return output

    def line(self, *args: str) -> str:
        """Run a command whose output is one line, and return that."""
        return self.run(*args).decode("utf-8", "surrogateescape").rstrip("\n")

    def objects(self) -> frozenset[str]:
        """Return the ids of all objects that the repository holds itself."""
        listing = self.run(
            "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"
        )
        return frozenset(listing.decode("ascii").split())

    def start(self, *args: str) -> Any:
        """Start a command that is talked to through its `stdin` and `stdout`."""
        from subprocess import PIPE

        from git.exc import GitCommandNotFound

        try:
            return self._git.execute(self._command(args), istream=PIPE, as_process=True)
        except GitCommandNotFound as error:
            raise git_missing() from error


class BlobProcesses:
    """Reads objects through `git cat-file --batch`; a process that is done serves the next call."""

    def __init__(self, process: GitProcess) -> None:
        self._process = process
        self._idle: list[Any] = []
        self._present: frozenset[str] | None = None

    def read(self, oids: Iterable[str], limit: int) -> Iterator[tuple[str, bytes | int | None]]:
        """Yield each object's id with its bytes, in the order asked.

        Instead of the bytes stands the size of what is larger than `limit` bytes, and `None` for
        what the repository does not hold.
        """
        batch: list[str] = []
        for oid in oids:
            batch.append(oid)
            if len(batch) == limits.BATCH:
                yield from self._read_batch(batch, limit)
                batch = []
        if batch:
            yield from self._read_batch(batch, limit)

    def _read_batch(self, oids: list[str], limit: int) -> Iterator[tuple[str, bytes | int | None]]:
        start = 0
        while start < len(oids):
            asked = oids[start:]
            if self._present is not None:
                asked = list(takewhile(self._present.__contains__, asked))
                if not asked:
                    yield oids[start], None
                    start += 1
                    continue
            git = self._started(asked)
            for oid in asked:
                content, usable = _answer(git.stdout, limit)
                start += 1
                yield oid, content
                if not usable:
                    break
            else:
                self._idle.append(git)
                continue
            if content is None and self._present is None:
                # In a partial clone Git ends at each missing object: ask for those no more.
                self._present = self._process.objects()

    def _started(self, names: list[str]) -> Any:
        while self._idle:
            git = self._idle.pop()
            if _ask(git, names):
                return git
        git = self._process.start("cat-file", "--batch")
        if _ask(git, names):
            return git
        raise InputError(
            "`git cat-file --batch` ended at once",
            mend="Check the repository with `git fsck`.",
            file=self._process.git_dir,
        )


def _ask(git: Any, names: list[str]) -> bool:
    try:
        git.stdin.write("".join(f"{name}\n" for name in names).encode("ascii"))
        git.stdin.flush()
    except BrokenPipeError:
        return False
    return True


def _answer(stdout: object, limit: int) -> tuple[bytes | int | None, bool]:
    # `git help cat-file`, "BATCH OUTPUT": `<oid> SP <type> SP <size> LF <contents> LF`, or
    # `<oid> SP missing LF`. The second item says whether the process can answer more: not where
    # it ended, nor where it still writes a blob that nobody wants.
    stream = cast("BinaryIO", stdout)
    head = stream.readline().split()
    if len(head) != 3:
        return None, head[1:] == [b"missing"]
    size = int(head[2])
    if size > limit:
        return size, False
    content = stream.read(size + 1)
    whole = len(content) == size + 1
    return content[:size] if whole else None, whole
