"""List what is unknown from the Git objects of two commits, and the changed data files of plots."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from lineage_diff.diff.metrics import unknown_values
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import Hash, Version, same_version
from lineage_diff.report.change import Change, PlotChange, Side, Unknown, side
from lineage_diff.report.plots import Drawing


def find_unknowns(
    base: CommitState,
    head: CommitState,
    by_stage: tuple[Mapping[str, StageFreshness], Mapping[str, StageFreshness]],
    same: Callable[[str], bool],
) -> tuple[Unknown, ...]:
    """List unknowns by subject: unread files, values in DVC's cache, listings, contents.

    `by_stage` is the freshness of the stages, at base and head.
    """
    found: set[tuple[str, str]] = set()
    for state, fresh in zip((base, head), by_stage, strict=True):
        found |= set(_unread_files(state.lineage, fresh))
        listings = state.evidence.listings
        found |= {(path, item.unknown) for path, item in listings.items() if item.unknown}
    was, now = base.lineage, head.lineage
    for old, new in ((was.metrics, now.metrics), (was.params, now.params)):
        found |= {(item.subject, item.reason) for item in unknown_values(old, new, same)}
    for path, content in head.evidence.contents.items():
        if content.unknown is not None and base.evidence.contents.get(path) != content:
            found.add((path, content.unknown))
    return tuple(Unknown(subject, reason) for subject, reason in sorted(found))


def _unread_files(
    lineage: Lineage, by_stage: Mapping[str, StageFreshness]
) -> Iterator[tuple[str, str]]:
    """Yield the DVC files without which the state of stages is unknown, each with its problem."""
    if not lineage.problems:
        return
    reasons = [item for stage in lineage.stages for item in by_stage[stage.id].reasons]
    unread = {item.subject for item in reasons if item.kind == "unreadable"}
    messages = {item.file: item.message for item in lineage.problems if item.pipeline is None}
    messages |= {item.pipeline: item.message for item in lineage.problems if item.pipeline}
    for file in unread.union(lineage.unreadable):
        yield file, messages.get(file, "")


def with_unread_plots(change: Change, drawings: Iterable[Drawing]) -> Change:
    """Return the change with the plots that cannot be drawn added to its unknowns."""
    found = {(item.subject, item.reason) for item in change.unknowns}
    found |= {(item.id, item.unknown) for item in drawings if item.unknown is not None}
    return replace(change, unknowns=tuple(Unknown(*item) for item in sorted(found)))


def plot_changes(
    base: Lineage, head: Lineage, old: Mapping[str, TrackedOutput], new: Mapping[str, TrackedOutput]
) -> tuple[PlotChange, ...]:
    """List the added, removed and changed plots outs and sources, by path."""
    before, after = _plots(base, old), _plots(head, new)
    found = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path), after.get(path)
        if path in before and path in after and same_version(was, now):
            continue
        found.append(PlotChange(path, _side(path, before), _side(path, after)))
    return tuple(found)


def _side(path: str, versions: Mapping[str, Version | None]) -> Side | None:
    return side(versions[path]) if path in versions else None


def _plots(lineage: Lineage, outs: Mapping[str, TrackedOutput]) -> dict[str, Version | None]:
    found = {path: made.version for path, made in outs.items() if made.out.kind == "plots"}
    paths = sorted(outs)
    for plot in lineage.plots:
        if plot.path in outs:
            found[plot.path] = outs[plot.path].version
            continue
        if plot.oid is not None:
            found[plot.path] = Version(Hash("git", plot.oid))
        # Of a plain folder, DVC also draws what it keeps there.
        for path in inside(paths, plot.path):
            if outs[path].out.cache:
                found[path] = outs[path].version
    return found
