"""Run Git as a read-only process that executes nothing from the repository.

Every command names the Git directory, so that neither `GIT_DIR` of a hook nor the owner of the
directory decides which repository is read. Every setting is off by which a repository's own
configuration could run a program or reach the network.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import takewhile
from subprocess import DEVNULL, PIPE
from threading import Thread
from typing import IO, TYPE_CHECKING, cast
from weakref import finalize

from lineage_diff import limits
from lineage_diff.child_processes import end_child, start_child
from lineage_diff.errors import InputError
from lineage_diff.text import visible

if TYPE_CHECKING:
    from subprocess import Popen

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # The messages are parsed, so they must be in English.
    "LANGUAGE": "C",
    "LC_ALL": "C",
}
# Set by Git when it runs a hook; ignored, because the user names the repository. The last four
# would change what our pathspecs mean.
_OF_A_HOOK = frozenset(("GIT_COMMON_DIR", "GIT_DIR", "GIT_PREFIX", "GIT_WORK_TREE")) | frozenset(
    f"GIT_{kind}_PATHSPECS" for kind in ("GLOB", "ICASE", "LITERAL", "NOGLOB")
)
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)
_PIPE_BYTES = 1 << 20
# Small enough that the memory of one part serves the next: a third of the time of large parts.
_PART_BYTES = 1 << 16
_HINT_SLOW = "Look with `git log --stat` for a commit of far too many files, and leave it out."
# SIGXCPU; `signal` lacks it on some systems.
_OUT_OF_TIME = 24
# The exit code of a process that used up the time of its job on Windows, ERROR_NOT_ENOUGH_QUOTA.
_OUT_OF_QUOTA = 1816
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.warnAmbiguousRefs=true",
    "log.showRoot=true",
    "log.showSignature=false",
    "protocol.allow=never",
)


# The log prints its format alone, and runs no program from a setting.
PLAIN = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-color",
    "--no-decorate",
    "--no-notes",
)


def git_missing() -> InputError:
    """Error for a machine without `git`."""
    return InputError("Git is not installed", hint="Install Git 2.24 or newer and put it on PATH.")


# What Git adds where a server refuses; our hints say what to check.
_ADVICE = ("Please make sure you have the correct access rights", "and the repository exists.")


class GitFailed(Exception):  # noqa: N818  # users see InputError
    """Git ended with a nonzero status; `message` is the last line of its stderr, without advice."""

    def __init__(self, status: int, stderr: str) -> None:
        self.status = status
        self.out_of_time = status in (-_OUT_OF_TIME, _OUT_OF_QUOTA)
        if self.out_of_time:
            stderr = f"Git may work for {limits.CHILD_SECONDS} seconds, which are used up"
        lines = [line for line in stderr.splitlines() if line.strip() and line not in _ADVICE]
        last = lines[-1].removeprefix("fatal: ").removesuffix(".") if lines else ""
        # Git may quote a name from the repository: keep control characters off the terminal.
        self.message = visible(last)
        super().__init__(self.message)

    def hint(self, usual: str) -> str:
        """Return what fixes it: the `usual`, or where Git took too long something else."""
        return _HINT_SLOW if self.out_of_time else usual


def _index(path: str | None) -> dict[str, str]:
    """Make the index path of a hook absolute: Git does not run in the hook's folder."""
    return {} if path is None else {"GIT_INDEX_FILE": os.path.abspath(path)}  # noqa: PTH100


def files_named(name: str) -> tuple[str, ...]:
    """Return the pathspecs that match the files of a name in all folders, not what lies below one.

    Git compares `*/name` with the end of a path, and walks all folders of a path for `**/name`:
    forty times as long for paths 400 folders deep.
    """
    if _PLAIN_NAME.fullmatch(name):
        return f"[{name[0]}]{name[1:]}", f"*/{name}"
    escaped = re.sub(r"([*?\[\]\\])", r"\\\1", name)
    return (f":(glob)**/{escaped}",)


class GitProcess:
    """Runs Git on one Git directory."""

    def __init__(self, git_dir: str, folder: str | None = None) -> None:
        """Run Git in `folder`, by default in the Git directory."""
        self.git_dir = git_dir
        self._folder = git_dir if folder is None else folder
        index = _index(os.environ.get("GIT_INDEX_FILE"))
        outside = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
        self._environment = {**outside, **_ENVIRONMENT, **index}

    def _command(self, args: Iterable[str]) -> list[str]:
        command = ["git", f"--git-dir={self.git_dir}"]
        for setting in _SETTINGS:
            command += ("-c", setting)
        return [*command, "--no-pager", *args]

    def run(self, *args: str) -> bytes:
        """Run a command to its end and return its output. Raises `GitFailed` or `InputError`."""
        return self.run_with_warnings(*args)[0]

    def run_with_warnings(self, *args: str) -> tuple[bytes, str]:
        """Run a command as `run` does; return its output, and what it warns of."""
        with wait_at_end(self.start(*args, stdin=DEVNULL)) as git:
            output, stderr = git.communicate()
        warnings = stderr.decode("utf-8", "replace")
        if git.returncode:
            raise GitFailed(git.returncode, warnings)
        return output, warnings

    def run_up_to(self, limit: int, *args: str) -> bytes:
        """Run a command, return the first `limit` bytes of its output, and end it.

        Raises `GitFailed` or `InputError`.
        """
        return self.start_up_to(*args)(limit)

    def start_up_to(self, *args: str) -> Callable[[int], bytes]:
        """Start a command; return a function that waits for it, as `run_up_to` does."""
        return _answer_later(self.start(*args, stdin=DEVNULL))

    def line(self, *args: str) -> str:
        """Run a command and return its one line of output."""
        return self.run(*args).decode("utf-8", "surrogateescape").rstrip("\n")

    def start_reading(self, oids: Sequence[bytes], header: str) -> Callable[[int], bytes]:
        """Start `git cat-file --batch` on objects; return a function as `start_up_to` does.

        Each object begins with a line in the format `header`. Faster than `BlobProcesses` for many
        small ones. An error of Git has no message.
        """
        started = self.start("cat-file", f"--batch={header}", "--buffer", stderr=DEVNULL)
        asking, started.stdin = input_of(started), None
        asked = b"\n".join((*oids, b""))
        if len(asked) <= _enlarge(asking):
            _write(asking, asked)
        else:
            # Both pipes could fill up if one thread did both. At an exit, nothing waits for it.
            Thread(target=_write, args=(asking, asked), daemon=True).start()
        return _answer_later(started)

    def objects(self) -> frozenset[str]:
        """Return the ids of all objects in the repository's own object folder."""
        listing = self.run(
            "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"
        )
        return frozenset(listing.decode("ascii").split())

    def start(self, *args: str, stdin: int = PIPE, stderr: int = PIPE) -> "Popen[bytes]":
        """Start a command with a pipe for its `stdout`, and for others that are not given.

        Git waits when a pipe is full: the caller reads each of them.
        """
        try:
            git = start_child(
                self._command(args),
                cwd=self._folder,
                env=self._environment,
                stdin=stdin,
                stderr=stderr,
            )
        except FileNotFoundError as error:
            raise git_missing() from error
        _enlarge(output_of(git))
        return git


def _enlarge(pipe: IO[bytes]) -> int:
    """Make a pipe larger, so that the side that writes can work ahead; return its bytes.

    0 where the system cannot.
    """
    with suppress(ImportError, AttributeError, OSError):
        # Not there on every system.
        import fcntl

        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return 0


@contextmanager
def wait_at_end(git: "Popen[bytes]") -> "Iterator[Popen[bytes]]":
    """Wait for a process at the end of the block; kill it first on an exception."""
    with git:
        try:
            yield git
        except BaseException:
            end_child(git)
            raise


def _answer_later(started: "Popen[bytes]") -> Callable[[int], bytes]:
    def answer(limit: int) -> bytes:
        return _first_of(started, limit)

    # The caller may fail before it asks for the answer.
    finalize(answer, _end, [started])
    return answer


def _first_of(started: "Popen[bytes]", limit: int) -> bytes:
    with _last_errors(started) as errors, wait_at_end(started) as git:
        # A list of the parts would hold all of it twice.
        parts = BytesIO()
        left = limit
        while left and (part := output_of(git).read(min(left, _PART_BYTES))):
            left -= parts.write(part)
        if not left:
            end_child(git)
            return parts.getvalue()
    if git.returncode:
        raise GitFailed(git.returncode, errors.decode("utf-8", "replace"))
    return parts.getvalue()


@contextmanager
def _last_errors(git: "Popen[bytes]") -> Iterator[bytearray]:
    """Read the standard error meanwhile, so that its pipe never fills up; keep the last part.

    The last part is there after the block; it is empty if the process has no such pipe.
    """
    errors = bytearray()
    source, git.stderr = git.stderr, None
    if source is None:
        yield errors
        return

    def read() -> None:
        with source:
            while part := os.read(source.fileno(), limits.PIPE_BYTES):
                errors.extend(part)
                del errors[: -limits.PIPE_BYTES]

    reader = Thread(target=read)
    reader.start()
    try:
        yield errors
    finally:
        reader.join()


def _write(stream: IO[bytes], text: bytes) -> None:
    # Git may end before it has read everything.
    with suppress(BrokenPipeError), stream:
        stream.write(text)


def output_of(git: "Popen[bytes]") -> IO[bytes]:
    """Return the standard output of a process that `GitProcess` started."""
    return cast("IO[bytes]", git.stdout)


def input_of(git: "Popen[bytes]") -> IO[bytes]:
    """Return the standard input of a process that `GitProcess` started."""
    return cast("IO[bytes]", git.stdin)


class BlobProcesses:
    """Reads objects through `git cat-file --batch`; an idle process serves the next call."""

    def __init__(self, process: GitProcess) -> None:
        self._process = process
        self._idle: list[Popen[bytes]] = []
        self._present: frozenset[str] | None = None
        finalize(self, _end, self._idle)

    def read(self, oids: Iterable[str], limit: int) -> Iterator[tuple[str, bytes | int | None]]:
        """Yield each object's id with its bytes, in the order of `oids`.

        An object larger than `limit` bytes is yielded with its size instead of its bytes, a
        missing object with `None`.
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
            git, idle = self._start(asked), False
            try:
                for number, oid in enumerate(asked, 1):
                    content, usable = _answer(output_of(git), limit)
                    start += 1
                    idle = usable and number == len(asked)
                    if idle:
                        # The caller may stop iterating here.
                        self._idle.append(git)
                    yield oid, content
                    if not usable:
                        break
            finally:
                if not idle:
                    _end([git])
            if content is None and not usable and self._present is None:
                # In a partial clone Git ends at each missing object: request only present ones.
                self._present = self._process.objects()

    def _start(self, names: list[str]) -> "Popen[bytes]":
        while self._idle:
            git = self._idle.pop()
            if _ask(git, names):
                return git
            _end([git])
        git = self._process.start("cat-file", "--batch", stderr=DEVNULL)
        if _ask(git, names):
            return git
        raise InputError(
            "`git cat-file --batch` ended at once",
            hint="Check the repository with `git fsck`.",
            file=self._process.git_dir,
        )


def _end(processes: "list[Popen[bytes]]") -> None:
    for git in processes:
        end_child(git)
        with suppress(BrokenPipeError), git:
            pass


def _ask(git: "Popen[bytes]", names: list[str]) -> bool:
    try:
        input_of(git).write("".join(f"{name}\n" for name in names).encode("ascii"))
        input_of(git).flush()
    except BrokenPipeError:
        return False
    return True


def _answer(stream: IO[bytes], limit: int) -> tuple[bytes | int | None, bool]:
    # `git help cat-file`, "BATCH OUTPUT": `<oid> SP <type> SP <size> LF <contents> LF`, or
    # `<oid> SP missing LF`. The second item is whether the process can answer more: not after
    # it ended, nor while it still writes an oversized blob.
    head = stream.readline().split()
    if len(head) != 3:
        return None, head[1:] == [b"missing"]
    size = int(head[2])
    if size > limit:
        return size, False
    content = stream.read(size)
    whole = len(stream.read(1)) == 1
    return content if whole else None, whole
