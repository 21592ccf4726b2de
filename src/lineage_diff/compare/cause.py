"""Why a model, a data version or a metric is another one."""

from dataclasses import dataclass
from typing import Any, Literal

CauseKind = Literal["data", "code", "param", "command", "import", "environment", "structure"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A nearest change that nothing upstream explains.

    `subject` is the path, `params.yaml:train.epochs`, or the stage; `old` and `new` are a hash, a
    value or a command, or the two paths of what was renamed; `via` the ids of the stages that
    carry it down to the model, nearest to the cause first; `commits` the commits of the compared
    range that touched it, newest first. `size_old` and `size_new` in bytes, for data.
    """

    kind: CauseKind
    subject: str
    change: Literal["added", "removed", "modified", "renamed"]
    old: Any = None
    new: Any = None
    via: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    size_old: int | None = None
    size_new: int | None = None
