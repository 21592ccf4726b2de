"""Find the models made from some data, and whether they were made again after a fix."""

from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import limits
from lineage_diff.app.audit.context import AuditContext
from lineage_diff.app.audit.lookup import (
    hashes_named,
    is_hash,
    known_hashes,
    known_params_files,
    known_paths,
)
from lineage_diff.app.names import near
from lineage_diff.app.opened import find_commit
from lineage_diff.audit.impact import Wanted, find_impacted, find_retrained, of_hashes, of_paths
from lineage_diff.audit.models import versions_of
from lineage_diff.audit.renames import names_of, renames_of
from lineage_diff.audit.upstream import Used
from lineage_diff.errors import InputError
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.outputs import outputs_by_path
from lineage_diff.lineage.version import same_version
from lineage_diff.report.answers import Fix, Impact, ImpactedModel, RenamedPath

# Commits that are named in place of one that changed nothing.
_NAMED = 3
_RENAMES = 10


def impact_of(context: AuditContext, text: str) -> Impact:
    """Return the models made from a path, a hash, or the content of a path at a revision.

    Raises `InputError` for an unknown name, with the closest matches.
    """
    path = text.removeprefix("./").rstrip("/")
    known = known_hashes(context.ledger)
    paths = known_paths(context.ledger)
    if _touches(path, paths):
        followed = _follow(context, path)
        return _impact(
            context,
            text,
            path,
            _hashes_of_paths(context, followed.names),
            followed.wanted,
            followed.shown,
        )
    rev, colon, inside = text.partition(":")
    values = hashes_named(text, known)
    if values:
        found = tuple(known[value] for value in values)
        return _impact(context, text, None, found, of_hashes(frozenset(values)))
    _refuse_params(context, text, paths)
    if colon and inside and not is_hash(text):
        return _at_revision(context, text, rev, inside.removeprefix("./").rstrip("/"))
    if is_hash(text):
        raise InputError(
            f"no run in the history used or made {text}",
            hint=near(text, known, "Name a path instead."),
        )
    raise _no_path(paths, text, f"no run in the history used or made {text}")


def fix_of(context: AuditContext, text: str, since: str) -> Fix:
    """Return which models were made again from a path after a commit changed it."""
    path = text.removeprefix("./").rstrip("/")
    paths = known_paths(context.ledger)
    if not _touches(path, paths):
        _refuse_params(context, text, paths)
        rev, colon, inside = text.partition(":")
        if is_hash(text) or (colon and _touches(inside, paths)):
            what = f"the content of a path at {rev}" if not is_hash(text) else "a hash"
            raise InputError(
                f"--since {since} needs a path, and {text} is {what}",
                hint="Name the path that the commit changed.",
            )
        raise _no_path(paths, text, f"no run in the history used or made {text}")
    ledger = context.ledger
    commit = find_commit(context.repository, since, context.opened.config)
    after = context.history.commits_without(context.lineage.commit, commit)
    ids = [point.id for point in ledger.points]
    point = (
        ids.index(commit)
        if commit in ids
        else next((number for number, name in enumerate(ids) if name in after), len(ids))
    )
    followed = _follow(context, path)
    fixed = _values_at(context, commit, followed.names)
    old = {
        entry.version.hash.value
        for name in followed.names
        for entry in ledger.entries.get(name, ())
        if entry.point < point and entry.version is not None and entry.version.hash is not None
    }
    old |= _used_before(context, followed.names, point)
    models = [(model, name) for model, name in context.known.items()]
    return Fix(
        path,
        context.history.commit_info(commit),
        find_retrained(
            ledger, models, _within_limit(followed.wanted), point, frozenset(old - fixed)
        ),
        *_changed_by_others(context, commit, followed.names, fixed),
        *followed.shown,
    )


class _Followed(Struct, frozen=True):
    """A path with its other names, the test for inputs at any of them, and the renames to show."""

    names: frozenset[str]
    wanted: Wanted
    shown: tuple[tuple[RenamedPath, ...], int] = ((), 0)


def _follow(context: AuditContext, path: str) -> _Followed:
    """Follow a path through its renames."""
    ledger = context.ledger
    found = renames_of(ledger, path)
    names = names_of(path, found)
    shown = tuple(
        RenamedPath(item.old, item.new, ledger.points[item.point]) for item in found[-_RENAMES:]
    )
    return _Followed(names, of_paths(names), (shown, max(0, len(found) - _RENAMES)))


def _changed_by_others(
    context: AuditContext, commit: str, names: frozenset[str], fixed: set[str]
) -> tuple[bool, tuple[CommitInfo, ...]]:
    """Return whether a commit left a path as it was, and then the newest that changed it."""
    try:
        parent = context.repository.resolve(f"{commit}^1")
        before = _values_at(context, parent, names)
    except InputError:
        # The first commit, or the last of a shallow clone.
        return False, ()
    if not fixed or before != fixed:
        return False, ()
    return True, _changes(context, names)[:_NAMED]


def _changes(context: AuditContext, names: frozenset[str]) -> tuple[CommitInfo, ...]:
    """Return the commits of the history that changed what is at a path, newest first."""
    ledger = context.ledger
    found = [entry for name in names for entry in ledger.entries.get(name, ())]
    if not found:
        return context.history.commits_that_changed(context.lineage.commit, names, _NAMED)
    made = {entry.point for entry in found if entry.record is not None}
    # What is gone under one name is there under the next one.
    entries = sorted(
        (entry for entry in found if entry.record is not None or entry.point not in made),
        key=lambda entry: entry.point,
    )
    changes = [
        ledger.commit(entry)
        for last, entry in zip((None, *entries), entries, strict=False)
        if last is None or not same_version(last.version, entry.version)
    ]
    return tuple(info for info in reversed(changes) if info is not None)


def _used_before(context: AuditContext, names: frozenset[str], point: int) -> set[str]:
    """Return the hash values of a path in runs before a point."""
    return {
        version.hash.value
        for entries in context.ledger.entries.values()
        for entry in entries
        if entry.point < point and entry.record is not None
        for dep, version in entry.record.deps.items()
        if not names.isdisjoint((dep, *context.ledger.links.get(dep, ())))
        and version.hash is not None
    }


def _hashes_of_paths(context: AuditContext, names: frozenset[str]) -> tuple[str, ...]:
    found = {
        str(version.hash): None
        for entries in context.ledger.entries.values()
        for entry in entries
        if entry.record is not None
        for items in (entry.record.deps, entry.record.outs)
        for name, version in items.items()
        if name in names and version.hash is not None
    }
    return tuple(sorted(found))


def _values_at(context: AuditContext, commit: str, names: frozenset[str]) -> set[str]:
    """Return the hash values under which DVC may know what a commit holds at a path."""
    lineage, held = context.reader.read_with_contents(commit)
    outs = outputs_by_path(lineage.stages, held.contents)
    found: set[str] = set()
    for name in names:
        made, content = outs.get(name), held.contents.get(name)
        if made is not None and made.version is not None and made.version.hash is not None:
            found.add(made.version.hash.value)
        elif content is not None:
            found.update(version.hash.value for version in content.versions if version.hash)
    return found


def _at_revision(context: AuditContext, text: str, rev: str, path: str) -> Impact:
    commit = find_commit(context.repository, rev, context.opened.config)
    values = _values_at(context, commit, frozenset((path,)))
    if not values:
        lineage, held = context.reader.read_with_contents(commit)
        names = {*outputs_by_path(lineage.stages, {}), *held.contents}
        raise _no_path(frozenset(names), path, f"{path} has no recorded version at {rev}")
    known = known_hashes(context.ledger)
    hashes = tuple(sorted(known.get(value, f"md5:{value}") for value in values))
    return _impact(context, text, path, hashes, of_hashes(frozenset(values)))


def _impact(
    context: AuditContext,
    text: str,
    path: str | None,
    hashes: tuple[str, ...],
    wanted: Wanted,
    shown: tuple[tuple[RenamedPath, ...], int] = ((), 0),
) -> Impact:
    found = find_impacted(context.ledger, list(context.known.items()), _within_limit(wanted))
    models = tuple(_with_registry(context, model) for model in found)
    return Impact(text, path, hashes, models, *shown)


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


def _refuse_params(context: AuditContext, text: str, paths: frozenset[str]) -> None:
    """Raise `InputError` for a params file that is no dep: `FILE`, `FILE:KEY` or `REV:FILE`."""
    path = text.removeprefix("./")
    named = {path, *path.partition(":")}
    for name in (known_params_files(context.ledger) - paths) & named:
        raise InputError(
            f"{text} is not data or code: {name} holds params",
            hint="`lineage-diff history MODEL` lists the params that caused each version.",
        )


def _no_path(paths: frozenset[str], wanted: str, message: str) -> InputError:
    return InputError(message, hint=near(wanted, paths, "Name a path of the pipeline."))
