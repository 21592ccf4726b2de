"""What a stage's command uses, told by its text and by that of its Python scripts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PathUse:
    """A tracked path in use. `script` and `line` (from 1) say where, `None` for the command."""

    path: str
    script: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ParamUse:
    """A key, with dots, that a script takes from a params file of the repository."""

    file: str
    key: str
    script: str
    line: int


@dataclass(frozen=True, slots=True)
class Uses:
    """Sorted, each path once: paths in the command, modules imported by its scripts directly or
    through others, paths that the scripts read, and keys that they take from params files."""

    named: tuple[PathUse, ...] = ()
    imported: tuple[PathUse, ...] = ()
    read: tuple[PathUse, ...] = ()
    params: tuple[ParamUse, ...] = ()


@dataclass(frozen=True, slots=True)
class UncommittedCode:
    """A script that a stage last ran in a version which no commit holds. `hash` is the lock's."""

    stage: str
    path: str
    hash: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A comment that silences rules for what stands at `line` (from 1) of a `dvc.yaml`.

    `anchor` is that line's text, which tells the same comment in another commit. Without a
    `reason` it silences nothing.
    """

    file: str
    line: int
    rules: tuple[str, ...]
    reason: str
    anchor: str
