"""The effect of the last push: the state of a report, and a later report beside it.

The state is kept in our comment, which others may have edited, so all of it is checked and bounded.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from markupsafe import Markup
from msgspec import Meta, Struct

from lineage_diff.render.templates import render
from lineage_diff.report.change import ModelChange
from lineage_diff.report.report import Report
from lineage_diff.report.value_text import is_number

# Bytes of the state before it is compressed: a longer one is not ours.
_MOST_BYTES = 32_000
_MOST_MODELS = 200
_MOST_METRICS = 50

_Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}\Z")]
_Count = Annotated[int, Meta(ge=0, le=10_000_000)]
_Name = Annotated[str, Meta(max_length=200)]


class MetricState(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A metric that differs from the base, with both values."""

    file: _Name
    key: _Name
    base: float
    head: float


class PushState(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The facts of a report that a later one is compared with.

    `stale` and `unknown` are the ids of the models in this state, `None` if they are too many;
    `metrics` are those that differ from the `base`, all of them if `all_metrics`.
    """

    version: Literal[1]
    base: Annotated[str, Meta(pattern=r"^[0-9a-f]{40,64}\Z")]
    errors: _Count
    stale: Annotated[tuple[_Id, ...], Meta(max_length=_MOST_MODELS)] | None
    unknown: Annotated[tuple[_Id, ...], Meta(max_length=_MOST_MODELS)] | None
    metrics: Annotated[tuple[MetricState, ...], Meta(max_length=_MOST_METRICS)]
    all_metrics: bool


class MetricSince(Struct, frozen=True):
    """A metric whose value the push changed."""

    key: str
    old: float
    new: float


class SincePush(Struct, frozen=True):
    """What a push changed: models by their new state, metrics, and the number of errors."""

    fresh: int = 0
    stale: int = 0
    unknown: int = 0
    metrics: tuple[MetricSince, ...] = ()
    more_errors: int = 0


def push_state(report: Report, most: int) -> str:
    """Return the state of a report in at most `most` letters, digits, `_` and `-`."""
    changed = [
        MetricState(file, key, item["old"], item["new"])
        for file, keys in sorted(report.metrics.items())
        for key, item in sorted(keys.items())
        if is_number(item["old"]) and is_number(item["new"]) and len(file) + len(key) <= 200
    ]
    count = sum(map(len, report.metrics.values()))
    known = min(len(changed), _MOST_METRICS)
    state = PushState(
        1,
        report.base.commit,
        report.verdict.errors,
        _ids(report, "stale"),
        _ids(report, "unknown"),
        (),
        all_metrics=False,
    )
    while True:
        full = msgspec.structs.replace(
            state, metrics=tuple(changed[:known]), all_metrics=known == count
        )
        text = _encoded(full)
        if len(text) <= most:
            return text
        if known:
            known //= 2
        elif state.stale is not None or state.unknown is not None:
            state = msgspec.structs.replace(state, stale=None, unknown=None)
        else:
            return ""


def read_state(text: str) -> PushState | None:
    """Return the state in a text of an unknown author, `None` if it is none of ours."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        opened = zlib.decompressobj()
        data = opened.decompress(packed, _MOST_BYTES)
        if not opened.eof:
            return None
        state = msgspec.json.decode(data, type=PushState)
    except (ValueError, binascii.Error, zlib.error, msgspec.MsgspecError):
        return None
    numbers = (value for item in state.metrics for value in (item.base, item.head))
    return state if all(map(is_number, numbers)) else None


def since_push(old: PushState, report: Report) -> SincePush | None:
    """Return what changed from a state to a report, `None` if nothing did."""
    now = {_id(model): model.freshness for model in _present(report)}
    fresh = stale = unknown = 0
    if old.stale is not None:
        fresh = sum(now.get(name) == "fresh" for name in old.stale)
        stale = sum(state == "stale" and name not in old.stale for name, state in now.items())
    if old.unknown is not None:
        unknown = sum(state == "unknown" and name not in old.unknown for name, state in now.items())
    metrics = tuple(_metrics(old, report))
    found = SincePush(fresh, stale, unknown, metrics, report.verdict.errors - old.errors)
    return found if found != SincePush() else None


def since_line(state: str, head_commit: str, report: Report) -> Markup:
    """Return the line on the last push for a comment; empty if nothing changed or is known.

    `state` is the untrusted text that the comment holds for the commit `head_commit`.
    """
    old = read_state(state)
    found = since_push(old, report) if old is not None else None
    if found is None:
        return Markup()
    line = render("comment/since.md.j2", since=found, head_commit=head_commit)
    return Markup(line.strip())  # noqa: S704  # the template has escaped it


def _metrics(old: PushState, report: Report) -> Iterator[MetricSince]:
    unread = {note.file for note in report.metric_notes if note.note in ("missing", "unknown")}
    same_base = old.base == report.base.commit
    before = {(item.file, item.key): item for item in old.metrics}
    now = {(file, key): item for file, keys in report.metrics.items() for key, item in keys.items()}
    for name in sorted(before.keys() | now.keys()):
        if name[0] in unread:
            continue
        was: Any = None
        if name in before:
            was = before[name].head
        elif same_base and old.all_metrics:
            # It differs from the base now, and did not then.
            was = now[name]["old"]
        value: Any = now[name]["new"] if name in now else None
        if name not in now and same_base:
            value = before[name].base
        if is_number(was) and is_number(value) and was != value:
            yield MetricSince(name[1], was, value)


def _ids(report: Report, freshness: str) -> tuple[str, ...] | None:
    found = sorted(_id(model) for model in _present(report) if model.freshness == freshness)
    return tuple(found) if len(found) <= _MOST_MODELS else None


def _present(report: Report) -> Iterator[ModelChange]:
    return (model for model in report.models if model.change != "removed")


def _id(model: ModelChange) -> str:
    return hashlib.sha256(model.path.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _encoded(state: PushState) -> str:
    packed = zlib.compress(msgspec.json.encode(state), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")
