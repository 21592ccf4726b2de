"""What a stage's command uses, told by its text and by that of its Python scripts."""

from msgspec import Struct


class PathUse(Struct, frozen=True):
    """A tracked path in use. `script` and `line` (from 1) say where, `None` for the command."""

    path: str
    script: str | None = None
    line: int | None = None


class ParamUse(Struct, frozen=True):
    """A key, with dots, that a script takes from a params file of the repository."""

    file: str
    key: str
    script: str
    line: int


class Uses(Struct, frozen=True):
    """Sorted, each path once: paths in the command, modules imported by its scripts directly or
    through others, paths that the scripts read, and keys that they take from params files."""

    named: tuple[PathUse, ...] = ()
    imported: tuple[PathUse, ...] = ()
    read: tuple[PathUse, ...] = ()
    params: tuple[ParamUse, ...] = ()


class UncommittedCode(Struct, frozen=True):
    """A script that a stage last ran in a version which no commit holds. `hash` is the lock's."""

    stage: str
    path: str
    hash: str


class Silence(Struct, frozen=True):
    """A comment that silences rules for what stands at `line` (from 1) of a `dvc.yaml`.

    `anchor` is that line's text, which tells the same comment in another commit. Without a
    `reason` it silences nothing.
    """

    file: str
    line: int
    rules: tuple[str, ...]
    reason: str
    anchor: str
