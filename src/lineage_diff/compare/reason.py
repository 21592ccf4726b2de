"""Why a stage is stale, or why nobody can tell."""

from dataclasses import dataclass
from typing import Any, Literal

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
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a stage is stale or unknown: data, for a rule or a template to put into words.

    `subject` is the path, `params.yaml:key` or, for `outdated-by`, the id of the stage upstream;
    `here` is what the commit holds, `locked` what the stage last ran on; `detail` names why
    something is unknown, or what in a folder changed. `file` and `line` say where to look,
    counting from 1; `commit` is the one in which the stage was locked, where that is known.
    """

    kind: ReasonKind
    subject: str
    here: Any = None
    locked: Any = None
    detail: str | None = None
    file: str | None = None
    line: int | None = None
    commit: str | None = None
