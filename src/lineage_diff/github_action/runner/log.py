"""Write the step's log: quoted text is never a workflow command, and the token is hidden."""

import secrets
from typing import Literal, TextIO

from msgspec import Struct

from lineage_diff.render.exports.github_annotations import escape_data

HIDDEN = "***"


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
