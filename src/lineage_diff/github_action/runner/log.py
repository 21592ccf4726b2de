"""Write the step's log: quoted text is never a workflow command, and the token is hidden."""

import os
import secrets
from typing import IO, Literal, TextIO

from msgspec import Struct

from lineage_diff.render.exports.github_annotations import escape_data

HIDDEN = "***"
# Of what others wrote, in bytes.
_MOST_OTHERS = 64 * 1024


class StepLog:
    """The log of this process's step. Only its `stream` writes to the log.

    What libraries and child processes write to standard output and standard error may hold text
    of a repository, so the runner could take it for commands. It is dropped; with `keep`, the
    last 64 KiB can be quoted, unless there is no place for a temporary file: `lost` says why.
    """

    def __init__(self, *, keep: bool) -> None:
        self.stream: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self.lost = ""
        self._others: IO[bytes] | None = None
        try:
            self._others = _unnamed_file() if keep else None
        except OSError as error:
            self.lost = error.strerror or type(error).__name__
        target = self._others.fileno() if self._others else os.open(os.devnull, os.O_WRONLY)
        for standard in (1, 2):
            os.dup2(target, standard)

    def others(self) -> str:
        """Return what others wrote; nothing unless it is kept."""
        if self._others is None:
            return ""
        self._others.seek(max(0, self._others.seek(0, os.SEEK_END) - _MOST_OTHERS))
        return self._others.read().decode("utf-8", "replace")


def _unnamed_file() -> IO[bytes]:
    # Imported here: only debug logging keeps anything.
    from tempfile import TemporaryFile

    return TemporaryFile()


class Console(Struct, frozen=True):
    """The log of a step. `secret` is replaced in all output."""

    stream: TextIO
    secret: str | None

    def hidden(self, text: str) -> str:
        """Return the text without the secret."""
        return text.replace(self.secret, HIDDEN) if self.secret else text

    def quote(self, text: str) -> None:
        """Write untrusted text: the runner reads no line of it as a command.

        https://docs.github.com/actions/reference/workflow-commands-for-github-actions
        (stopping and starting workflow commands)
        """
        word = secrets.token_hex(16)
        self._write(f"::stop-commands::{word}\n{text.rstrip()}\n::{word}::\n")

    def group(self, title: str, text: str) -> None:
        """Write untrusted text that is folded below its title."""
        self._write(f"::group::{escape_data(title)}\n")
        self.quote(text)
        self._write("::endgroup::\n")

    def command(self, level: Literal["error", "warning", "notice"], text: str) -> None:
        """Write one message, which GitHub also shows on the page of the run."""
        self._write(f"::{level}::{escape_data(text)}\n")

    def commands(self, lines: tuple[str, ...]) -> None:
        """Write workflow commands that are already escaped, folded below a title."""
        if lines:
            self._write("".join(f"{line}\n" for line in ("::group::Annotations", *lines)))
            self._write("::endgroup::\n")

    def _write(self, text: str) -> None:
        self.stream.write(self.hidden(text))
        self.stream.flush()
