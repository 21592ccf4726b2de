"""The report of a comparison, schema version 1, with its JSON: the input of all formats."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from itertools import accumulate
from threading import RLock
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, force_setattr, replace

from lineage_diff.errors import InputError
from lineage_diff.report.change import (
    Change,
    DataChange,
    MetricAttribution,
    MetricNote,
    ModelCard,
    ModelChange,
    PipelineChange,
    PlotChange,
    ReproAdvice,
    StageChange,
    Unknown,
    UsedElsewhere,
    ValueChanges,
    without_same,
)
from lineage_diff.report.experiments import ExperimentTable
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.graph import Graph
from lineage_diff.report.json_codec import (
    MAX_BYTES,
    are_plain,
    compact_parts,
    decode_strictly,
    has_odd_values,
    indented_parts,
    json_of,
    storable_value,
)
from lineage_diff.report.mlflow import NO_RUNS, LinkedRun, LinkedRuns, MetricDisagreement
from lineage_diff.report.plots import Drawing
from lineage_diff.report.pushed import PushedOut

REPORT_SCHEMA_VERSION = 1
# Items of a report's list that are converted at once.
_PIECE = 1_000

Fact = TypeVar("Fact")
_Row = tuple[Any, ...]


class Tool(Struct, frozen=True):
    """The program that wrote the report."""

    name: str
    version: str


class Repository(Struct, frozen=True):
    """`name` is `owner/name`, or a longer path on other forges than GitHub.

    `server` is the address of its GitHub, without a final `/`. `None` if unknown.
    """

    name: str | None
    server: str | None = None


class Revision(Struct, frozen=True):
    """`rev` as the user wrote it, and the full id of its `commit`."""

    rev: str
    commit: str

    @property
    def is_commit(self) -> bool:
        """Whether it is a commit. Files on disk or in the index have zeros as their id."""
        return self.commit.strip("0") != ""


class Report(Struct, frozen=True, kw_only=True):
    """Every key is always present; lists are sorted; unknown is `None`, its reason in `unknowns`.

    `experiments` compares those that began at a commit of the change, `None` if the configuration
    asks for none, or there are none; `elsewhere` is who else uses what changes, `None` if the
    tables of the organization were not asked. `metrics` and `params` have the shape and the values
    of `dvc metrics diff --json` and `dvc params diff --json`.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    base: Revision
    head: Revision
    comparison: Literal["merge-base", "direct"]
    verdict: Verdict
    pipelines: tuple[PipelineChange, ...] = ()
    models: tuple[ModelChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    data: tuple[DataChange, ...] = ()
    params: ValueChanges = field(default_factory=dict)
    metrics: ValueChanges = field(default_factory=dict)
    metric_notes: tuple[MetricNote, ...] = ()
    metric_causes: tuple[MetricAttribution, ...] = ()
    plots: tuple[PlotChange, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    runs: tuple[LinkedRun, ...] = ()
    metric_disagreements: tuple[MetricDisagreement, ...] = ()
    experiments: ExperimentTable | None = None
    elsewhere: UsedElsewhere | None = None
    findings: tuple[Finding, ...] = ()
    graph: Graph = field(default_factory=Graph)
    repro: ReproAdvice = field(default_factory=ReproAdvice)
    pushed: tuple[PushedOut, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


def build_report(
    change: Change,
    findings: tuple[Finding, ...],
    verdict: Verdict,
    *,
    version: str,
    repository: str | None,
    base: Revision,
    head: Revision,
    comparison: Literal["merge-base", "direct"],
    drawings: tuple[Drawing, ...] = (),
    linked: LinkedRuns = NO_RUNS,
    server: str | None = None,
) -> Report:
    """Return the report; `version` is the tool's, `repository` is its name or `None`.

    `server` is the address of its GitHub.
    """
    # Each field of a change is one of the report; `Report` refuses a name that it lacks.
    # A server that fails is asked for the runs, and for the versions in use.
    unknowns = tuple(dict.fromkeys((*change.unknowns, *linked.unknowns)))
    parts = asdict(change) | {"unknowns": unknowns}
    return Report(
        tool=Tool("lineage-diff", version),
        repository=Repository(repository, server),
        base=base,
        head=head,
        comparison=comparison,
        verdict=verdict,
        drawings=drawings,
        runs=linked.runs,
        metric_disagreements=linked.disagreements,
        findings=findings,
        **parts,
    )


def of_last_report(function: Callable[[Report], Fact]) -> Callable[[Report], Fact]:
    """Make a function remember what it returned for the last report, by identity.

    One report is shown in many formats, by many threads.
    """
    last: list[tuple[Report, Fact]] = []
    one_at_a_time = RLock()

    @wraps(function)
    def remembered(report: Report) -> Fact:
        with one_at_a_time:
            if not last or last[0][0] is not report:
                last[:] = [(report, function(report))]
            return last[0][1]

    return remembered


@of_last_report
def without_nan_changes(report: Report) -> Report:
    """Return the report without values that stayed NaN, which DVC lists as changes."""
    params, metrics = without_same(report.params), without_same(report.metrics)
    if params is report.params and metrics is report.metrics:
        return report
    return replace(report, params=params, metrics=metrics)


def encode_report(report: Report) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports.

    Keys are in the contract's order, those of free mappings sorted; values that JSON cannot hold
    are as `storable_value` says. A report that would be too large with indentation is written
    without. Raises `InputError` if it is still larger than `decode_report` reads.
    """
    return b"".join(report_parts(report))


def report_parts(report: Report) -> Iterable[bytes]:
    """Return the output of `encode_report` in parts: the whole may take much memory."""
    if has_odd_values(_values(report)):
        report = _stored(report)
    try:
        if _fits(indented_parts(report)):
            return indented_parts(report)
        size = sum(map(len, compact_parts(report)))
    except UnicodeEncodeError:
        return report_parts(_stored(report))
    if size > MAX_BYTES:
        raise InputError(
            f"the report holds {size:,} bytes, over the limit of {MAX_BYTES:,}",
            hint="Let `models` in the base's configuration match fewer files.",
        )
    return compact_parts(report)


def storable_report(report: Report) -> Report:
    """Return the report as `decode_report` would read it from the output of `encode_report`."""
    if are_plain(_values(report)) and _has_utf8(report):
        return report
    # No name holds what is encoded: it is as large as what is decoded.
    data = json_of(report if _is_storable(report) else _stored(report))
    return msgspec.json.decode(data, type=Report)


def decode_report(data: bytes, source: str) -> Report:
    """Return the report that `encode_report` wrote. Raises `ReportError`, with the JSON path."""
    return decode_strictly(data, source, Report, REPORT_SCHEMA_VERSION, MAX_BYTES, _read)


def _read(data: bytes) -> Report:
    """Return the report, with equal texts of plots and names of metrics kept once."""
    once = dict[str, str]().setdefault

    def model(item: msgspec.Raw) -> ModelChange:
        found = msgspec.json.decode(item, type=ModelChange)
        for metric in found.metrics:
            # Nobody has seen it yet.
            force_setattr(metric, "file", once(metric.file, metric.file))
            force_setattr(metric, "key", once(metric.key, metric.key))
        return found

    def drawing(item: msgspec.Raw) -> Drawing:
        fields = asdict(msgspec.json.decode(item, type=_unread(Drawing, "rows")))
        return Drawing(**fields | {"rows": _read_rows(fields["rows"], once)})

    fields = asdict(msgspec.json.decode(data, type=_unread(Report, "models", "drawings")))
    fields["metrics"] = {
        file: {once(key, key): change for key, change in changes.items()}
        for file, changes in fields["metrics"].items()
    }
    fields["models"] = tuple([model(item) for item in fields["models"]])
    fields["drawings"] = tuple([drawing(item) for item in fields["drawings"]])
    return Report(**fields)


def _read_rows(items: tuple[msgspec.Raw, ...], once: Callable[[str, str], str]) -> tuple[_Row, ...]:
    found: list[_Row] = []
    for start in range(0, len(items), _PIECE):
        piece = b"[" + b",".join(items[start : start + _PIECE]) + b"]"
        rows = msgspec.json.decode(piece, type=tuple[_Row, ...])
        widths = set(map(len, rows))
        if len(widths) > 1 or widths == {0}:
            found += rows
            continue
        # By columns: to ask each cell for its type takes several times as long.
        columns = [
            map(once, column, column) if set(map(type, column)) == {str} else column
            for column in zip(*rows, strict=True)
        ]
        found += zip(*columns, strict=True)
    return tuple(found)


@cache
def _unread(kind: type[Struct], *names: str) -> type[Struct]:
    """Return a struct whose longest lists, those of the `names`, are read later."""
    kinds = {each.name: each.type for each in msgspec.structs.fields(kind)}
    kinds |= dict.fromkeys(names, tuple[msgspec.Raw, ...])
    return msgspec.defstruct(f"Unread{kind.__name__}", kinds.items(), kw_only=True)


def _fits(parts: Iterable[bytes]) -> bool:
    """Whether `decode_report` would read parts of that many bytes."""
    return all(size <= MAX_BYTES for size in accumulate(map(len, parts)))


def _is_storable(report: Report) -> bool:
    """Whether JSON can hold its values and texts."""
    return not has_odd_values(_values(report)) and _has_utf8(report)


def _has_utf8(report: Report) -> bool:
    try:
        sum(map(len, compact_parts(report)))
    except UnicodeEncodeError:
        return False
    return True


def _stored(report: Report) -> Report:
    """Return the report with values that JSON can hold, made piece by piece to need less memory."""
    fields = {name: getattr(report, name) for name in report.__struct_fields__}
    lists = {name: items for name, items in fields.items() if isinstance(items, tuple)}
    rest = replace(report, **dict.fromkeys(lists, ()))
    # Each piece is converted with a report that holds nothing else.
    bare = replace(rest, params={}, metrics={}, graph=Graph(), experiments=None, elsewhere=None)

    def stored(name: str, items: tuple[Any, ...]) -> Iterator[Any]:
        for start in range(0, len(items), _PIECE):
            part = replace(bare, **{name: items[start : start + _PIECE]})
            known = part if _is_storable(part) else msgspec.convert(_plain(part), Report)
            yield from getattr(known, name)

    made = {name: tuple(stored(name, items)) for name, items in lists.items()}
    return replace(msgspec.convert(_plain(rest), Report), **made)


def _values(report: Report) -> list[Any]:
    """Return the values from the repository, which may be anything that YAML holds."""
    values: list[Any] = [report.params, report.metrics]
    for model in report.models:
        values += [[metric.old, metric.new, metric.diff] for metric in model.metrics]
        values += [[cause.old, cause.new] for cause in model.causes]
    for move in report.metric_causes:
        values += [[cause.old, cause.new] for cause in move.causes]
    values += [drawing.content for drawing in report.drawings]
    values += [cell for drawing in report.drawings for row in drawing.rows for cell in row]
    values += [[item.git, item.mlflow] for item in report.metric_disagreements]
    if report.experiments is not None:
        table = report.experiments
        values += [cell.value for row in table.params for cell in row.values]
        values += [cell.value for row in table.metrics for cell in row.values]
    for stage in report.stages:
        values += [[reason.actual, reason.locked] for reason in stage.reasons]
    return values


def _plain(report: Report) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(report)
    for model in plain["models"]:
        for metric in model["metrics"]:
            if storable_value(metric["diff"]) != metric["diff"]:
                metric["diff"] = None
    for changes in (plain["params"], plain["metrics"]):
        for file in changes.values():
            for change in file.values():
                # `diff` is a number or absent.
                if "diff" in change and storable_value(change["diff"]) != change["diff"]:
                    del change["diff"]
    stored: dict[str, Any] = storable_value(plain)
    return stored
