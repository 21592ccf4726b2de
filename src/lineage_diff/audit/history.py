"""All versions of a path, back through its renames, with the causes of each."""

from bisect import bisect_left
from collections.abc import Iterable

from lineage_diff.audit.causes import step_causes
from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.lineage.version import same_version
from lineage_diff.report.answers import HistoryStep
from lineage_diff.report.change import side

_Version = tuple[LedgerEntry | None, LedgerEntry]


def history_steps(ledger: Ledger, path: str) -> tuple[HistoryStep, ...]:
    """Return the steps of a path, newest first; none if DVC never made or tracked it."""
    steps: list[HistoryStep] = []
    known: dict[str, tuple[_Version, ...]] = {}
    name: str | None = path
    end = len(ledger.points)
    while name is not None:
        if name not in known:
            known[name] = tuple(ledger.versions(name))
        versions = known[name]
        last = bisect_left(versions, end, key=lambda version: version[1].point)
        older = (versions[at] for at in range(last - 1, -1, -1))
        # A path can get an old name back. This ends all the same: each rename is an older one.
        name, end = _follow(ledger, name, older, steps)
    return tuple(steps)


def _follow(
    ledger: Ledger, path: str, versions: Iterable[_Version], steps: list[HistoryStep]
) -> tuple[str | None, int]:
    """Add the steps of a path, newest first, back to its rename.

    Return the old path and the point of the rename, `None` if it was not renamed.
    """
    for before, entry in versions:
        if before is not None and before.record is not None:
            steps.append(_step(ledger, path, before, entry))
            continue
        source = _moved_from(ledger, path, entry, ledger.gone.get(entry.point, ()))
        if source is not None:
            steps.append(_step(ledger, path, source[1], entry, moved=True))
            return source[0], entry.point
        steps.append(_step(ledger, path, None, entry))
    return None, 0


def _step(
    ledger: Ledger, path: str, before: LedgerEntry | None, entry: LedgerEntry, moved: bool = False
) -> HistoryStep:
    change = "added" if before is None else "moved" if moved else "retrained"
    if entry.record is None:
        change = "removed"
    causes = step_causes(ledger, before, entry) if before is not None else ()
    return HistoryStep(
        ledger.commit(entry),
        path,
        change,  # type: ignore[arg-type]
        entry.record.stage if entry.record is not None else None,
        side(before.version if before is not None else None),
        side(entry.version),
        causes,
    )


def _moved_from(
    ledger: Ledger, path: str, entry: LedgerEntry, gone: Iterable[tuple[str, LedgerEntry]]
) -> tuple[str, LedgerEntry] | None:
    """Find the old path of a new one among the paths removed in the same commit.

    The one with the same content, else the only one of the same stage, else of the same file name.
    A rename in DVC (`dvc move`, another `dvc.yaml`, another out of the stage) is in one commit.
    """
    candidates = list(gone)
    if entry.record is None:
        return None
    for source, before in candidates:
        named = before.version is not None and before.version.hash is not None
        if named and same_version(before.version, entry.version):
            return source, before
    same_stage = [c for c in candidates if c[1].record and c[1].record.stage == entry.record.stage]
    name = path.rpartition("/")[2]
    same_name = [c for c in candidates if c[0].rpartition("/")[2] == name]
    for found in (same_stage, same_name):
        if len(found) == 1:
            return found[0]
    return None
