"""The upstream inputs of a version at the time of its run, back to sources, and their paths."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.lineage.history import Record
from lineage_diff.lineage.version import Hash, Version

SKIPPED = "…"
_ENDS = 50


def prepend_stage(stage: str, via: tuple[str, ...]) -> tuple[str, ...]:
    """Prepend a stage to `via`; the middle of more than 100 stages is replaced by `…`."""
    longer = (stage, *via)
    if len(longer) <= 2 * _ENDS:
        return longer
    return (*longer[:_ENDS], SKIPPED, *longer[-_ENDS:])


class Used(Struct, frozen=True):
    """A version that a run used. `made` is the entry of the run or `.dvc` file that made it.

    `via` are the ids of the stages from the one that uses it down to the model's. `reached` are
    the paths that links lead to from there.
    """

    path: str
    version: Version
    made: LedgerEntry | None
    via: tuple[str, ...]
    reached: tuple[str, ...] = ()


def used_by(ledger: Ledger, entry: LedgerEntry) -> Iterator[Used]:
    """Yield all upstream inputs of a version, nearest first; each path and version once."""
    if entry.record is None:
        return
    seen: set[tuple[str, str]] = set()
    pending: list[tuple[Record, int, tuple[str, ...]]] = [
        (entry.record, entry.point, (entry.record.stage,))
    ]
    for record, point, via in pending:
        for path, version, producers in _uses(ledger, record, point):
            key = path, str(version.hash)
            if key in seen:
                continue
            seen.add(key)
            yield Used(
                path, version, producers[0] if producers else None, via, ledger.links.get(path, ())
            )
            pending += (
                (producer.record, producer.point, prepend_stage(producer.record.stage, via))
                for producer in producers
                if producer.record is not None and producer.record.is_run
            )


def _uses(
    ledger: Ledger, record: Record, point: int
) -> Iterator[tuple[str, Version, list[LedgerEntry]]]:
    """Yield the inputs of a run with their producers: deps, and outs with its params.

    A lock has the values of params and no hash of their file: the version is the one at the point.
    """
    for path, version in sorted(record.deps.items()):
        yield path, version, producers_of(ledger, path, version.hash, point)
    for file in sorted(record.run.param_files):
        for producer in producers_of(ledger, file, None, point):
            yield producer.path, producer.version or Version(None), [producer]


EntryT = TypeVar("EntryT")
EntryT_co = TypeVar("EntryT_co", covariant=True)


class Producers(Protocol[EntryT_co]):
    """The entries of each path over time, as a `Ledger` has them."""

    @property
    def links(self) -> Mapping[str, tuple[str, ...]]:
        """The paths that symbolic links lead to, by the path of the dep or params file."""

    def at(self, path: str, point: int) -> EntryT_co | None:
        """Return the entry of a path in force at a point; `None` if nothing makes it."""

    def producer(self, path: str, wanted: Hash | None, point: int) -> EntryT_co | None:
        """Return the entry that made the wanted version of a path, not later than a point."""

    def inside(self, folder: str) -> Sequence[str]:
        """Return the paths that lie in a folder."""


def producers_of(
    ledger: Producers[EntryT], path: str, wanted: Hash | None, point: int
) -> list[EntryT]:
    """Return the producers of a dep: the out at its path, a folder around it, or outs inside it.

    DVC's rule for an edge (`dvc.repo.graph.build_graph`), and those behind symbolic links.
    """
    found = _producers_at(ledger, path, wanted, point)
    for at in ledger.links.get(path, ()):
        found += _producers_at(ledger, at, wanted, point)
    return found


def _producers_at(
    ledger: Producers[EntryT], path: str, wanted: Hash | None, point: int
) -> list[EntryT]:
    found = ledger.producer(path, wanted, point)
    if found is not None:
        return [found]
    above = path
    while "/" in above:
        above = above.rpartition("/")[0]
        found = ledger.at(above, point)
        if found is not None:
            return [found]
    inside = (ledger.at(other, point) for other in ledger.inside(path))
    return [found for found in inside if found is not None]
