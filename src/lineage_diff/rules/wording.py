"""Text of reasons in the messages of findings."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.report.change import LONG_COMMAND, Change, StageChange, ValueChange
from lineage_diff.report.findings import RelatedLine
from lineage_diff.report.reasons import STALE, KeyChange, Reason
from lineage_diff.report.value_text import is_number, values

_ALGORITHMS = ("md5", "md5-dos2unix", "git", "etag", "checksum", "version_id", "dataset")
_HASH_SHOWN = 7
_VALUE_SHOWN = 60
_COMMIT_SHOWN = 7
_KEYS_SHOWN = 3
_MOST_LINES = 10


class WhyStale(Struct, frozen=True):
    """The first reason why a stage is stale, its text, and further lines that say why."""

    reason: Reason | None
    text: str
    related: tuple[RelatedLine, ...] = ()


def why_stale(stage: StageChange, stages: Mapping[str, StageChange]) -> WhyStale:
    """Return why a stage is stale, by itself or through the nearest stage upstream."""
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
            return WhyStale(own[0], f"{text}{more}{through}", related_lines(own, at.name))
        chain.insert(0, at.name)
        above = [reason.subject for reason in at.reasons if reason.kind == "outdated-by"]
        at = next((stages[name] for name in above if name in stages), None)
        if at is None and above:
            return WhyStale(None, f"outdated by {code(above[0])}")
    return WhyStale(None, "its stage is stale")


def own_reasons(stage: StageChange) -> list[Reason]:
    """Return the reasons that make a stage stale by itself, not through a stage upstream."""
    return [reason for reason in stage.reasons if reason.kind in STALE]


def related_lines(reasons: Sequence[Reason], stage: str) -> tuple[RelatedLine, ...]:
    """Return the lines of the changed params after the first reason's own line, `_MOST_LINES`."""
    found = [
        RelatedLine(reason.file, single.line, reason_text(single, stage))
        for reason in reasons
        if reason.kind == "param-changed" and reason.file is not None
        for single in _single_keys(reason)
        if single.line is not None
    ]
    own = reasons[0].file, reasons[0].line
    others = [item for index, item in enumerate(found) if index or (item.file, item.line) != own]
    return tuple(others[:_MOST_LINES])


def _single_keys(reason: Reason) -> list[Reason]:
    """Return a reason for each key of a mapping or list, the reason itself if it has no keys."""
    return [
        replace(
            reason,
            subject=key.subject,
            kind="param-changed" if key.change == "modified" else f"param-{key.change}",
            actual=key.new,
            locked=key.old,
            line=key.line,
            keys=(),
        )
        for key in reason.keys
    ] or [reason]


def reason_text(reason: Reason, stage: str) -> str:
    """Return the text of a reason; `stage` is the id of its stage."""
    if len(reason.keys) > 1:
        return _keys_text(reason, stage)
    if reason.keys:
        reason = _single_keys(reason)[0]
    subject, name = code(reason.subject), code(short_id(stage))
    here, locked = _sides(reason)
    when = _when(reason)
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
        case "param-removed":
            return f"{subject} was removed after {name} last ran{when}"
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


def _when(reason: Reason) -> str:
    return f", in commit {short_commit(reason.commit)}" if reason.commit else ""


def _keys_text(reason: Reason, stage: str) -> str:
    first, *others = reason.keys[:_KEYS_SHOWN]
    names = [first.subject, *(key.subject.removeprefix(f"{reason.file}:") for key in others)]
    shown = ", ".join(map(_key_text, names, (first, *others)))
    more = len(reason.keys) - _KEYS_SHOWN + reason.omitted_keys
    also = f" and {more} more {'key' if more == 1 else 'keys'}" if more > 0 else ""
    return f"{shown}{also} since {code(short_id(stage))} last ran{_when(reason)}"


def _key_text(name: str, key: KeyChange) -> str:
    old, new = values(key.old, key.new)
    match key.change:
        case "added":
            return f"{code(name)} added, {code(new)}"
        case "removed":
            return f"{code(name)} removed, was {code(old)}"
    return f"{code(name)} {code(old)} → {code(new)}"


def repro_hint(stage: str, has_outs: bool = True) -> str:
    """Return the hint to run a stage, given by its address.

    A stage without outs may upload or deploy, so the hint leaves its run to the reader.
    """
    if not has_outs:
        return f"{code(stage)} has no outs: run it yourself when you mean to."
    return _run_hint(f"dvc repro {shlex.quote(stage)}")


class Advised:
    """Hints for stale stages, with the one command that the report advises for all of them."""

    def __init__(self, change: Change) -> None:
        """Take the advice of a change."""
        command = change.repro.command
        # A long one is no line of a finding, whose own stage is one of its targets.
        self._command = command if len(command) <= LONG_COMMAND else ""
        left_out = {item.stage for item in change.repro.left_out}
        stale = {item.name for item in change.stages if item.freshness == "stale"}
        self._run = stale - left_out

    def hint(self, stage: str, address: str, has_outs: bool = True) -> str:
        """Return the hint for a stage, by its id and address: its own where none is advised."""
        if self._command and stage in self._run:
            return _run_hint(self._command)
        return repro_hint(address, has_outs)


def _run_hint(command: str) -> str:
    return f"Run {code(command)} and commit the lock file."


def dvc_file_hint(address: str, has_command: bool) -> str:
    """Return the hint for a stale `.dvc` file; DVC 3 runs none that has a command."""
    if has_command:
        return "Move its command to a `dvc.yaml`, run `dvc repro`, and commit the lock file."
    return f"Run `dvc commit {shlex.quote(address)}` and commit the file."


def no_number(change: ValueChange | None) -> str:
    """Return the text for a metric that is no longer a number, with both values if known."""
    if change is None:
        return "is no longer a number"
    return f"was {change['old']} and is {metric_text(change['new'])}, which is no number"


def metric_text(value: Any) -> str:
    """Return the value of a metric for a message: a number as it is, a long text cut."""
    if is_number(value):
        return f"{value}"
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


def short_commit(commit: str) -> str:
    """Return the first digits of a commit's id, as code."""
    return code(commit[:_COMMIT_SHOWN])


def short_id(stage: str) -> str:
    """Return a stage's id without its file if that is the root's `dvc.yaml`."""
    return stage.removeprefix("dvc.yaml:")


def _path(chain: list[str]) -> str:
    return " → ".join(code(short_id(stage)) for stage in chain)


def _sides(reason: Reason) -> tuple[str, str]:
    """Return the value at the commit and that of the last run, as code."""
    if reason.kind == "param-changed":
        here, locked = values(reason.actual, reason.locked)
        return code(here), code(locked)
    return _side(reason.actual), _side(reason.locked)


def _side(value: Any) -> str:
    if value is None:
        return "not known"
    text = value if isinstance(value, str) else repr(value)
    algorithm, colon, digest = text.partition(":")
    if colon and algorithm in _ALGORITHMS:
        return code(digest[:_HASH_SHOWN])
    return code(text if len(text) <= _VALUE_SHOWN else text[: _VALUE_SHOWN - 1] + "…")
