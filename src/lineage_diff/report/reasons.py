"""Why a model, a data version or a metric is another one.

Why a stage is stale, or why nobody can tell.
"""

from typing import Any, Literal

from msgspec import Struct

CauseKind = Literal["data", "code", "param", "command", "import", "environment", "structure"]


class Cause(Struct, frozen=True):
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


Freshness = Literal["fresh", "stale", "unknown"]
ReasonKind = Literal[
    "dep-changed",
    "dep-added",
    "dep-removed",
    "dep-missing",
    "dep-unknown",
    "upstream-changed",
    "out-changed",
    "out-added",
    "out-removed",
    "out-missing",
    "out-unknown",
    "param-changed",
    "param-added",
    "param-removed",
    "param-missing",
    "command-changed",
    "never-run",
    "always-changed",
    "line-endings",
    "outdated-by",
    "unreadable",
    "skipped",
    "spliced",
]


class Reason(Struct, frozen=True):
    """Why a stage is stale or unknown: data, for a rule or a template to put into words.

    `subject` is the path, `params.yaml:key` or, for `outdated-by`, the id of the stage upstream;
    `actual` is what the commit holds, `locked` what the stage last ran on; `detail` names why
    something is unknown, or what in a folder changed. `file` and `line` say where to look,
    counting from 1; `commit` is the one in which the stage was locked, where that is known.
    """

    kind: ReasonKind
    subject: str
    actual: Any = None
    locked: Any = None
    detail: str | None = None
    file: str | None = None
    line: int | None = None
    commit: str | None = None
