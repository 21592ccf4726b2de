"""A DVC file that one commit has and another keeps out of DVC's sight."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where DVC read `file` before, and what keeps it from being read now.

    `ignored`: the file is there and `place` (a `.dvcignore`, or the file itself) leaves it out.
    `renamed`: `place` holds the same stages or data under a name that DVC does not read.
    `replaced`: `place`, the file or a folder above it, is a link or a submodule, or a folder.
    `lock-left`: the file is gone or empty, and `place`, its lock, is still there.
    `line` counts from 1, `None` where it is not known.
    """

    file: str
    how: Literal["ignored", "renamed", "replaced", "lock-left"]
    place: str
    line: int | None = None
