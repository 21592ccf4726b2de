"""What ends a run: one clear line that says what, where, and how to mend it. Exit code 2."""


class InputError(Exception):
    """Bad input. `line` counts from 1."""

    def __init__(
        self, message: str, *, mend: str, file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = self.file or ""
        if self.file and self.line:
            where = f"{self.file}:{self.line}"
        text = f"{where}: {self.message}" if where else self.message
        return " ".join(f"{text}. {self.mend}".split())
