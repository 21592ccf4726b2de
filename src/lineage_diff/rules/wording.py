"""Text of reasons in the messages of findings."""

import shlex
from collections.abc import Mapping
from typing import Any

from lineage_diff.report.change import StageChange, ValueChange
from lineage_diff.report.reasons import STALE, Reason

_ALGORITHMS = ("md5", "md5-dos2unix", "git", "etag", "checksum", "version_id", "dataset")
_HASH_SHOWN = 8
_VALUE_SHOWN = 60
_COMMIT_SHOWN = 7


def why_stale(stage: StageChange, stages: Mapping[str, StageChange]) -> tuple[Reason | None, str]:
    """Return the first reason of the stage or the nearest stage upstream, and its text."""
    chain: list[str] = []
    seen: set[str] = set()
    at: StageChange | None = stage
    while at is not None and at.name not in seen:
        seen.add(at.name)
        own = own_reasons(at)
        if own:
            text = reason_text(own[0], at.name)
            more = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
            through = f"; it comes down through {_path(chain)}" if chain else ""
            return own[0], f"{text}{more}{through}"
        chain.insert(0, at.name)
        above = [reason.subject for reason in at.reasons if reason.kind == "outdated-by"]
        at = next((stages[name] for name in above if name in stages), None)
        if at is None and above:
            return None, f"outdated by {code(above[0])}"
    return None, "its stage is stale"


def own_reasons(stage: StageChange) -> list[Reason]:
    """Return the reasons that make a stage stale by itself, not through a stage upstream."""
    return [reason for reason in stage.reasons if reason.kind in STALE]


def reason_text(reason: Reason, stage: str) -> str:
    """Return the text of a reason; `stage` is the id of its stage."""
    subject, name = code(reason.subject), code(short_id(stage))
    here, locked = _side(reason.actual), _side(reason.locked)
    when = f", in commit {code(reason.commit[:_COMMIT_SHOWN])}" if reason.commit else ""
    if here == locked and reason.actual != reason.locked:
        # The values differ only beyond the shortened text.
        return f"{subject} differs from what {name} last ran with"
    match reason.kind:
        case "dep-changed" | "out-changed" if reason.detail is not None:
            return f"{subject} is not what it was when {name} last ran{when}: {reason.detail}"
        case "dep-changed" | "upstream-changed" | "param-changed":
            return f"{subject} is {here} here; {name} last ran on {locked}{when}"
        case "out-changed":
            edited = "that run did not make what is here"
            return f"{subject} is {here} here; {name} last made {locked}{when}: {edited}"
        case "dep-added" | "out-added" | "param-added":
            return f"{subject} was added to {name} after it last ran"
        case "out-missing":
            gone = "it was deleted, or never committed"
            return f"{subject} is not in this commit; {name} made it: {gone}"
        case "dep-missing" | "param-missing":
            return f"{subject} is not in this commit; {name} last ran with it"
        case "command-changed":
            return f"the command of {name} is not the one that it last ran{when}"
        case "never-run":
            return f"the lock file has no entry for {name}: it never ran, or the entry is gone"
    return f"{name}: {reason.kind} {subject}"


def repro_hint(stage: str, has_outs: bool = True) -> str:
    """Return the hint to run a stage, given by its address.

    A stage without outs may upload or deploy, so the hint leaves its run to the reader.
    """
    if not has_outs:
        return f"{code(stage)} has no outs: run it yourself when you mean to."
    return f"Run `dvc repro {shlex.quote(stage)}` and commit the lock file."


def no_number(change: ValueChange | None) -> str:
    """Return the text for a metric that is no longer a number, with both values if known."""
    if change is None:
        return "is no longer a number"
    return f"was {change['old']} and is {_metric(change['new'])}, which is no number"


def _metric(value: Any) -> str:
    if value is None:
        return "`null` or a list"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, float):
        return "NaN" if value != value else "infinite"
    return f"the text {_side(str(value))}"


def code(text: str) -> str:
    """Quote a name as code."""
    return f"`{text}`"


def short_id(stage: str) -> str:
    """Return a stage's id without its file if that is the root's `dvc.yaml`."""
    return stage.removeprefix("dvc.yaml:")


def _path(chain: list[str]) -> str:
    return " → ".join(code(short_id(stage)) for stage in chain)


def _side(value: Any) -> str:
    if value is None:
        return "not known"
    text = value if isinstance(value, str) else repr(value)
    algorithm, colon, digest = text.partition(":")
    if colon and algorithm in _ALGORITHMS:
        return code(digest[:_HASH_SHOWN])
    return code(text if len(text) <= _VALUE_SHOWN else text[: _VALUE_SHOWN - 1] + "…")
