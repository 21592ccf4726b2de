"""Find the models made from some data, and whether they were made again after a fix."""

from itertools import count

from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.audit.lookup import hashes_named, is_hash, known_hashes, known_paths
from lineage_diff.app.names import near
from lineage_diff.app.opened import find_commit
from lineage_diff.audit.impact import Wanted, find_impacted, find_retrained, of_hashes, of_path
from lineage_diff.audit.models import versions_of
from lineage_diff.audit.upstream import Used
from lineage_diff.errors import InputError
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.version import same_version
from lineage_diff.report.answers import Fix, Impact, ImpactedModel

# Commits that are named in place of one that changed nothing.
_NAMED = 3


def impact_of(context: AuditContext, text: str) -> Impact:
    """Return the models made from a path, a hash, or the content of a path at a revision.

    Raises `InputError` for an unknown name, with the closest matches.
    """
    path = text.removeprefix("./").rstrip("/")
    known = known_hashes(context.ledger)
    paths = known_paths(context.ledger)
    if _touches(path, paths):
        return _impact(context, text, path, _hashes_of_path(context, path), of_path(path))
    rev, colon, inside = text.partition(":")
    values = hashes_named(text, known)
    if values:
        found = tuple(known[value] for value in values)
        return _impact(context, text, None, found, of_hashes(frozenset(values)))
    if colon and inside and not is_hash(text):
        return _at_revision(context, text, rev, inside.removeprefix("./").rstrip("/"))
    if is_hash(text):
        raise InputError(
            f"no run in the history used or made {text}",
            hint=near(text, known, "Name a path instead."),
        )
    raise _no_path(text, paths, "no run in the history used or made")


def fix_of(context: AuditContext, text: str, since: str) -> Fix:
    """Return which models were made again from a path after a commit changed it."""
    path = text.removeprefix("./").rstrip("/")
    paths = known_paths(context.ledger)
    if not _touches(path, paths):
        raise _no_path(text, paths, "no run in the history used or made")
    ledger = context.ledger
    commit = find_commit(context.repository, since, context.opened.config)
    after = context.history.commits_without(context.lineage.commit, commit)
    ids = [point.id for point in ledger.points]
    point = (
        ids.index(commit)
        if commit in ids
        else next((number for number, name in enumerate(ids) if name in after), len(ids))
    )
    fixed = _values_at(context, commit, path)
    entries = ledger.entries.get(path, ())
    old = {
        entry.version.hash.value
        for entry in entries
        if entry.point < point and entry.version is not None and entry.version.hash is not None
    }
    old |= _used_before(context, path, point)
    models = [(model, name) for model, name in context.known.items()]
    return Fix(
        path,
        context.history.commit_info(commit),
        find_retrained(ledger, models, _within_limit(of_path(path)), point, frozenset(old - fixed)),
        *_changed_by_others(context, commit, path, fixed),
    )


def _changed_by_others(
    context: AuditContext, commit: str, path: str, fixed: set[str]
) -> tuple[bool, tuple[CommitInfo, ...]]:
    """Return whether a commit left a path as it was, and then the newest that changed it."""
    try:
        parent = context.repository.resolve(f"{commit}^1")
        before = _values_at(context, parent, path)
    except InputError:
        # The first commit, or the last of a shallow clone.
        return False, ()
    if not fixed or before != fixed:
        return False, ()
    return True, _changes(context, path)[:_NAMED]


def _changes(context: AuditContext, path: str) -> tuple[CommitInfo, ...]:
    """Return the commits of the history that changed what is at a path, newest first."""
    ledger = context.ledger
    entries = ledger.entries.get(path, ())
    if not entries:
        return context.history.commits_that_changed(context.lineage.commit, path)
    changes = [
        ledger.commit(entry)
        for last, entry in zip((None, *entries), entries, strict=False)
        if last is None or not same_version(last.version, entry.version)
    ]
    return tuple(info for info in reversed(changes) if info is not None)


def _used_before(context: AuditContext, path: str, point: int) -> set[str]:
    """Return the hash values of a path in runs before a point."""
    return {
        version.hash.value
        for entries in context.ledger.entries.values()
        for entry in entries
        if entry.point < point and entry.record is not None
        for dep, version in entry.record.deps.items()
        if path in (dep, *context.ledger.links.get(dep, ())) and version.hash is not None
    }


def _hashes_of_path(context: AuditContext, path: str) -> tuple[str, ...]:
    found = {
        str(version.hash): None
        for entries in context.ledger.entries.values()
        for entry in entries
        if entry.record is not None
        for items in (entry.record.deps, entry.record.outs)
        for name, version in items.items()
        if name == path and version.hash is not None
    }
    return tuple(sorted(found))


def _values_at(context: AuditContext, commit: str, path: str) -> set[str]:
    """Return the hash values under which DVC may know what a commit holds at a path."""
    lineage, held = context.reader.read_with_contents(commit)
    made = outputs_by_path(lineage.stages, held.contents).get(path)
    if made is not None and made.version is not None and made.version.hash is not None:
        return {made.version.hash.value}
    content = held.contents.get(path)
    versions = content.versions if content is not None else ()
    return {version.hash.value for version in versions if version.hash is not None}


def _at_revision(context: AuditContext, text: str, rev: str, path: str) -> Impact:
    commit = find_commit(context.repository, rev, context.opened.config)
    values = _values_at(context, commit, path)
    if not values:
        lineage, held = context.reader.read_with_contents(commit)
        names = {*outputs_by_path(lineage.stages, {}), *held.contents}
        raise _no_path(path, frozenset(names), f"DVC knows no version at {rev} of")
    known = known_hashes(context.ledger)
    hashes = tuple(sorted(known.get(value, f"md5:{value}") for value in values))
    return _impact(context, text, path, hashes, of_hashes(frozenset(values)))


def _impact(
    context: AuditContext, text: str, path: str | None, hashes: tuple[str, ...], wanted: Wanted
) -> Impact:
    found = find_impacted(context.ledger, list(context.known.items()), _within_limit(wanted))
    return Impact(text, path, hashes, tuple(_with_registry(context, model) for model in found))


def _within_limit(wanted: Wanted) -> Wanted:
    """Count the checked inputs; raise `InputError` past `IMPACT_STEPS`.

    A chain of stages that each make a model is walked again for each model.
    """
    steps = count(1)

    def counted(used: Used) -> bool:
        if next(steps) > limits.IMPACT_STEPS:
            raise _too_much()
        return wanted(used)

    return counted


def _too_much() -> InputError:
    return InputError(
        f"all versions of all models have more than {limits.IMPACT_STEPS:,} inputs, the limit"
        " for one answer",
        hint="List the inputs of one model with `trace`.",
    )


def _with_registry(context: AuditContext, model: ImpactedModel) -> ImpactedModel:
    versions = tuple(
        replace(made, registered=versions_of(context.registered, model.path, made.version))
        for made in model.versions
    )
    return replace(model, versions=versions)


def _touches(path: str, paths: frozenset[str]) -> bool:
    inside = f"{path}/"
    return path in paths or any(
        known.startswith(inside) or path.startswith(f"{known}/") for known in paths
    )


def _no_path(text: str, paths: frozenset[str], message: str) -> InputError:
    return InputError(f"{message} {text}", hint=near(text, paths, "Name a path of the pipeline."))
