"""All versions of a path, back through its renames, with the causes of each."""

from collections.abc import Iterable

from lineage_diff.audit.causes import step_causes
from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.lineage.version import same_version
from lineage_diff.report.answers import HistoryStep
from lineage_diff.report.change import side


def history_steps(ledger: Ledger, path: str) -> tuple[HistoryStep, ...]:
    """Return the steps of a path, newest first; none if DVC never made or tracked it."""
    steps: list[HistoryStep] = []
    seen: set[str] = set()
    before_point = len(ledger.points)
    while path not in seen:
        seen.add(path)
        versions = [pair for pair in ledger.versions(path) if pair[1].point < before_point]
        moved: tuple[str, LedgerEntry, int] | None = None
        for before, entry in reversed(versions):
            if before is not None and before.record is not None:
                steps.append(_step(ledger, path, before, entry))
                continue
            source = _moved_from(ledger, path, entry, ledger.gone.get(entry.point, ()))
            if source is None:
                steps.append(_step(ledger, path, None, entry))
            else:
                steps.append(_step(ledger, path, source[1], entry, moved=True))
                moved = (*source, entry.point)
            if source is not None:
                break
        if moved is None:
            break
        path, _, before_point = moved
    return tuple(steps)


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
