"""Paths and params that a stage's command and Python scripts use, and ignore comments."""

from msgspec import Struct


class PathUse(Struct, frozen=True):
    """A tracked path in use. `script` and `line` (from 1) locate it, `None` for the command."""

    path: str
    script: str | None = None
    line: int | None = None


class ParamUse(Struct, frozen=True):
    """A dotted key that a script reads from a params file of the repository."""

    file: str
    key: str
    script: str
    line: int


class Uses(Struct, frozen=True):
    """The files and params that one stage uses, sorted, each path once.

    `named` are paths in the command, `imported` the modules that its scripts import directly or
    through others, `read` the paths that the scripts read, `params` the keys that they read from
    params files.
    """

    named: tuple[PathUse, ...] = ()
    imported: tuple[PathUse, ...] = ()
    read: tuple[PathUse, ...] = ()
    params: tuple[ParamUse, ...] = ()


class UncommittedCode(Struct, frozen=True):
    """A script that a stage last ran in an uncommitted version. `hash` is the one in the lock."""

    stage: str
    path: str
    hash: str


class IgnoreComment(Struct, frozen=True):
    """An ignore comment: suppresses rules for the stage at `line` (from 1) of a `dvc.yaml`.

    `anchor` is that line's text, by which the comment is recognized in another commit. A comment
    without a `reason` suppresses nothing.
    """

    file: str
    line: int
    rules: tuple[str, ...]
    reason: str
    anchor: str
