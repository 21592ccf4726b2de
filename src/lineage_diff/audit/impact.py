"""Find the past and current models made from a path or version, and whether they were retrained."""

from collections.abc import Callable, Collection, Iterable
from itertools import groupby, zip_longest

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.audit.upstream import Used, used_by
from lineage_diff.lineage.graph import ancestors, folders_around
from lineage_diff.report.answers import ImpactedModel, MadeFrom, Retrained
from lineage_diff.report.change import side

Wanted = Callable[[Used], bool]


def of_paths(paths: Collection[str]) -> Wanted:
    """Return a test for inputs at a path, inside it, or in a folder above it, links followed."""
    names = frozenset(paths)
    above = folders_around(names)

    def wanted(used: Used) -> bool:
        return any(
            at in names or at in above or not names.isdisjoint(ancestors(at))
            for at in (used.path, *used.reached)
        )

    return wanted


def of_hashes(hashes: frozenset[str]) -> Wanted:
    """Return a test for inputs with one of these hash values, of any algorithm."""
    return lambda used: used.version.hash is not None and used.version.hash.value in hashes


def find_impacted(
    ledger: Ledger, models: Iterable[tuple[str, str | None]], wanted: Wanted
) -> tuple[ImpactedModel, ...]:
    """Return those models, given by path and name, with versions made from a wanted input."""
    found = (_impacted_model(ledger, path, name, wanted) for path, name in sorted(models))
    return tuple(model for model in found if model is not None)


def _impacted_model(
    ledger: Ledger, path: str, name: str | None, wanted: Wanted
) -> ImpactedModel | None:
    found = [
        (entry, next((used for used in used_by(ledger, entry) if wanted(used)), None))
        for entry in ledger.entries.get(path, ())
    ]
    # Of one version at a time, or of none that was made from a wanted input.
    spans = [list(span) for _, span in groupby(found, lambda item: item[1] and _hash(item[0]))]
    versions: list[MadeFrom] = []
    clean: LedgerEntry | None = None
    for span, after in zip_longest(spans, spans[1:]):
        (first, _), (_, last_hit) = span[0], span[-1]
        if last_hit is None:
            clean = first
        else:
            versions.append(_made_from(ledger, first, after[0][0] if after else None, last_hit.via))
            clean = None
    if not versions:
        return None
    return ImpactedModel(
        path, name, tuple(reversed(versions)), ledger.commit(clean) if clean is not None else None
    )


def _hash(entry: LedgerEntry) -> str:
    return str(entry.version.hash if entry.version is not None else None)


def _made_from(
    ledger: Ledger, first: LedgerEntry, last: LedgerEntry | None, via: tuple[str, ...]
) -> MadeFrom:
    return MadeFrom(
        side(first.version),
        ledger.commit(first),
        ledger.points[last.point] if last is not None else None,
        via,
    )


def find_retrained(
    ledger: Ledger,
    models: Iterable[tuple[str, str | None]],
    wanted: Wanted,
    point: int,
    old: frozenset[str],
) -> tuple[Retrained, ...]:
    """Return for each model whether it was retrained on the wanted input at or after a point.

    `old` are the hash values of the input before the change.
    """
    return tuple(
        _retrained_model(ledger, model, name, wanted, point, old) for model, name in sorted(models)
    )


def _retrained_model(
    ledger: Ledger, model: str, name: str | None, wanted: Wanted, point: int, old: frozenset[str]
) -> Retrained:
    entries = ledger.entries.get(model, ())
    if not entries or entries[-1].record is None:
        return Retrained(model, name, "not-affected")
    hits = [used for used in used_by(ledger, entries[-1]) if wanted(used)]
    if not hits:
        before = any(wanted(used) for entry in entries for used in used_by(ledger, entry))
        return Retrained(model, name, "not-affected" if not before else "yes", None)
    if any(used.version.hash is None for used in hits):
        return Retrained(model, name, "unknown")
    if any(used.version.hash is not None and used.version.hash.value in old for used in hits):
        return Retrained(model, name, "not-yet")
    since = entries[-1]
    for entry in reversed(entries):
        if entry.point < point or any(
            used.version.hash is not None and used.version.hash.value in old
            for used in used_by(ledger, entry)
            if wanted(used)
        ):
            break
        since = entry
    return Retrained(model, name, "yes", ledger.commit(since))
