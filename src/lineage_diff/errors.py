"""What ends a run: one clear line that says what, where, and how to fix it. Exit code 2."""

from lineage_diff.text import visible


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
        return visible(" ".join(f"{_cut(text)}. {_cut(self.hint)}".split()))


class MissingObjectError(InputError):
    """A Git object that this clone does not hold, as in a partial clone."""


class MalformedError(InputError):
    """A file that breaks the rules of its format, so that DVC cannot read it either."""


class NoDvcError(InputError):
    """There is a commit, and nothing of DVC in it."""


# What a person reads of one error, in characters; a name from a repository can be very long.
_LONGEST = 1_000


def _cut(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"


def no_dvc(rev: str) -> InputError:
    """Neither side of the comparison holds a DVC project."""
    return NoDvcError(
        f"no DVC project at {rev}: no .dvc folder, dvc.yaml or .dvc file in the commit",
        hint="Name a repository that uses DVC, or run `dvc init` in this one and commit it.",
    )


def too_little_memory() -> InputError:
    """What is read does not fit into the memory that this process may have."""
    return InputError(
        "the memory of this process does not hold what the commits hold",
        hint="Give it more, or lower `limits` in the base's configuration.",
    )


def no_default_branch() -> InputError:
    """No BASE was named, and nothing tells the default branch."""
    return InputError(
        "cannot tell the default branch to compare with",
        hint="Name the base: `lineage-diff compare BASE HEAD`.",
    )


class DamagedBlockError(Exception):
    """A block of a lock that was left unread turns out to be none; `args` has the stage's name."""
