"""Errors that end a run with exit code 2: one line with message, location and hint."""

from lineage_diff.text import visible, without_commands


class InputError(Exception):
    """Bad input. `line` counts from 1."""

    def __init__(
        self, message: str, *, hint: str, file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = self.file or ""
        if self.file and self.line:
            where = f"{self.file}:{self.line}"
        text = f"{where}: {self.message}" if where else self.message
        line = visible(" ".join(f"{_cut(text)}. {_cut(self.hint)}".split()))
        return without_commands(line)


class MissingObjectError(InputError):
    """A Git object that this clone does not hold, as in a partial clone."""


class MalformedError(InputError):
    """A file that breaks the rules of its format, so that DVC cannot read it either."""


class ConvertedError(InputError):
    """A file that Git holds in another form than DVC reads, and that does not read in this form."""


class NoDvcError(InputError):
    """A commit without a DVC project."""


# Maximum characters of one message: a name from a repository can be very long.
_LONGEST = 1_000


def _cut(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"


def no_dvc(where: str) -> InputError:
    """Error for files without a DVC project; `where` is `at HEAD` or `in the work tree`."""
    return NoDvcError(
        f"no DVC project {where}: no .dvc folder, dvc.yaml or .dvc file",
        hint="Name a repository that uses DVC, or run `dvc init` in this one and commit it.",
    )


def too_little_memory() -> InputError:
    """Error for a repository that does not fit into the memory limit of this process."""
    return InputError(
        "out of memory: the commits do not fit into the memory of this process",
        hint="Allow more memory, or lower `limits` in the base's configuration.",
    )


def no_default_branch() -> InputError:
    """Error for a missing BASE and an unknown default branch."""
    return InputError(
        "cannot find the default branch to compare with",
        hint="Name the base: `lineage-diff compare BASE HEAD`.",
    )


class DamagedBlockError(Exception):
    """A skipped block of a lock that is not valid after all; `args` has the stage's name."""
