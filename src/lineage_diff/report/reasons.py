"""Causes of changed models, data and metrics, and reasons of stale or unknown stages."""

from typing import Any, Final, Literal, get_args

from msgspec import Struct

CauseKind = Literal["data", "code", "param", "command", "import", "environment", "structure"]


class Cause(Struct, frozen=True, gc=False):
    """A root cause: a change without a change upstream that explains it.

    `subject` is the path, `params.yaml:train.epochs`, or the stage; `old` and `new` are hashes,
    values or commands, or the two paths of a rename; `via` the ids of the stages from the cause
    down to the model, in this order; `commits` the commits of the compared range that touched it,
    newest first. `size_old` and `size_new` in bytes, for data.
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

# DVC does not report these. They are reported here, and do not make a stage stale.
NOTES: Final[frozenset[ReasonKind]] = frozenset(
    ("dep-removed", "out-removed", "param-removed", "line-endings")
)
UNKNOWN: Final[frozenset[ReasonKind]] = frozenset(
    ("dep-unknown", "out-unknown", "always-changed", "unreadable", "skipped", "spliced")
)
# A stage with one of these is stale by itself, not through a stage upstream.
STALE: Final[frozenset[ReasonKind]] = (
    frozenset(get_args(ReasonKind)) - NOTES - UNKNOWN - {"outdated-by"}
)


class KeyChange(Struct, frozen=True):
    """A key that differs inside a param's mapping or list.

    `subject` is `params.yaml:model.depth`, an item of a list by its index; `old` and `new` are the
    values, `None` on the side that lacks the key. `line` (from 1) is its line in the params file,
    the parent's for a removed key.
    """

    subject: str
    change: Literal["added", "removed", "modified"]
    old: Any = None
    new: Any = None
    line: int | None = None


class Reason(Struct, frozen=True):
    """A reason why a stage is stale or unknown: data, which rules and templates turn into text.

    `subject` is the path, `params.yaml:key` or, for `outdated-by`, the id of the stage upstream;
    `actual` is the value at the commit, `locked` that of the stage's last run; `detail` is why
    it is unknown, or what changed in a folder. `file` and `line` (from 1) are the location;
    `commit` is the one that locked the stage, `None` if unknown.

    DVC compares a mapping or a list as a whole: of such a param, `keys` are the first keys that
    differ, from `locked` to `actual`, and `omitted_keys` counts the others.
    """

    kind: ReasonKind
    subject: str
    actual: Any = None
    locked: Any = None
    detail: str | None = None
    file: str | None = None
    line: int | None = None
    commit: str | None = None
    keys: tuple[KeyChange, ...] = ()
    omitted_keys: int = 0
