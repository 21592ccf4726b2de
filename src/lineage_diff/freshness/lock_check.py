"""Compare one stage's own lock entry with the commit, without the stages upstream.

Reasons that name what the lock entry has get the commit that wrote it, which the history knows.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.freshness.content_match import (
    GIT_IGNORES,
    SAME,
    ContentMatch,
    Outcome,
    against_content,
    against_version,
    decide_by_history,
    match_untracked,
)
from lineage_diff.freshness.params import param_reasons, removed_params, unread_param_reasons
from lineage_diff.lineage.dir_listing import Listing, enclosing_dir
from lineage_diff.lineage.evidence import CommitState, Evidence
from lineage_diff.lineage.graph import LineageGraph, Link, ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Dep, LockEntry, Out, ParamDep, Stage
from lineage_diff.lineage.version import Content, Version, hash_text
from lineage_diff.report.change import Change, StageChange
from lineage_diff.report.reasons import Reason, ReasonKind

LOCK_UNREADABLE = "its lock file cannot be read"
PIPELINE_UNREADABLE = "its pipeline cannot be read in full"
DATASET = "ds://"
NOT_IN_SYNC = "no lock file has it as `dvc.yaml` declares it, see `dvc ds update`"
NO_DATASET = "no `dvc.yaml` has a dataset of that name"
GIT_IGNORES_LOCK = "Git ignores it, so DVC refuses it"
GIT_IGNORES_FILE = "Git ignores its file, so DVC does not run it"
PRODUCER_UNREADABLE = "a pipeline that may make it cannot be read"
_SAYS_LOCKED = frozenset(
    ("dep-changed", "upstream-changed", "out-changed", "param-changed", "command-changed")
)


class CheckContext(Struct, frozen=True):
    """A commit, with the indexes to check each of its stages."""

    lineage: Lineage
    evidence: Evidence
    graph: LineageGraph
    outs: Mapping[str, Out]
    lock_files: Mapping[str, str]
    broken: frozenset[str]


def check_context(state: CommitState, graph: LineageGraph) -> CheckContext:
    """Index a commit. `broken` are the pipeline and lock files that cannot be read."""
    lineage = state.lineage
    outs: dict[str, Out] = {}
    for stage in lineage.stages:
        for out in stage.outs:
            outs.setdefault(out.path, out)
    lock_files = {item.file: item.lock_file for item in lineage.pipelines if item.lock_file}
    broken = set(lineage.unreadable)
    for problem in lineage.problems:
        if problem.pipeline is not None:
            broken.add(problem.pipeline)
        # A lock of DVC 1 is read in full.
        elif problem.file in lock_files.values() and problem.rule != "legacy-lock":
            broken.add(problem.file)
    return CheckContext(lineage, state.evidence, graph, outs, lock_files, frozenset(broken))


def own_reasons(stage: Stage, context: CheckContext) -> Iterator[Reason]:
    """Yield every reason, with notes, from the stage's own definition and lock.

    DVC does not run a pipeline that Git ignores (`dvc.repo.index.collect_files`).
    """
    if stage.id in context.lineage.unread:
        yield Reason("unreadable", stage.file, detail=PIPELINE_UNREADABLE, file=stage.file)
        return
    if stage.file in context.evidence.git_ignored:
        yield Reason("skipped", stage.file, detail=GIT_IGNORES_FILE, file=stage.file)
        return
    lock_file = context.lock_files.get(stage.file, stage.file)
    if lock_file in context.evidence.git_ignored:
        yield Reason("skipped", lock_file, detail=GIT_IGNORES_LOCK, file=lock_file)
        return
    if stage.file in context.broken:
        yield Reason("unreadable", stage.file, detail=PIPELINE_UNREADABLE, file=stage.file)
    if stage.always_changed or (stage.cmd and not (stage.deps or stage.params or stage.outs)):
        yield Reason("always-changed", stage.id, file=stage.file, line=stage.line)
    if stage.is_dvcfile:
        yield from _dvcfile_reasons(stage, context)
        return
    if stage.lock is not None:
        yield from _lock_reasons(stage, stage.lock, lock_file, context)
    elif lock_file in context.broken and lock_file != stage.file:
        yield Reason("unreadable", lock_file, detail=LOCK_UNREADABLE, file=lock_file)
    elif stage.needs_lock:
        yield Reason("never-run", stage.id, file=stage.file, line=stage.line)


def _dvcfile_reasons(stage: Stage, context: CheckContext) -> Iterator[Reason]:
    if not stage.frozen and stage.imported is None:
        yield from _deps_reasons(stage, context)
    for out in stage.outs:
        yield from _out_reasons(stage, out, context)


def _lock_reasons(
    stage: Stage, lock: LockEntry, lock_file: str, context: CheckContext
) -> Iterator[Reason]:
    """Compare a stage with its lock entry.

    For a frozen stage DVC checks only the command and the outs (`dvc.stage.Stage.status`).
    """
    where, line = stage.file, stage.line
    splice = context.evidence.splices.get(stage.id)
    if splice is not None:
        yield Reason("spliced", stage.id, file=lock_file, line=lock.line, commit=splice.merge)
    if lock.cmd != stage.cmd:
        yield Reason("command-changed", stage.id, stage.cmd, lock.cmd, file=where, line=line)
    if not stage.frozen:
        yield from _deps_reasons(stage, context)
        for param in stage.params:
            yield from _param_reasons(stage, param, lock_file, context)
        yield from removed_params(stage.params, lock, lock_file)
    for out in stage.outs:
        yield from _out_reasons(stage, out, context)
    yield from _removed_reasons(stage, lock, lock_file)


def _deps_reasons(stage: Stage, context: CheckContext) -> Iterator[Reason]:
    inner = _outs_inside(stage, context.graph.upstream.get(stage.id, ()))
    for dep in stage.deps:
        if dep.locked is None or dep.locked.hash is None:
            yield Reason("dep-added", dep.path, file=stage.file, line=stage.line)
            continue
        found = _match_dep(dep, dep.locked, inner.get(dep.path, []), context)
        if found is not SAME:
            yield from _dep_reasons(stage, dep, found, context)
        elif dep.absolute is not None:
            yield _absolute("dep-unknown", stage, dep, dep.absolute)


def _absolute(kind: ReasonKind, stage: Stage, item: Dep | Out, absolute: str) -> Reason:
    """Reason for a path that is the locked one only if the repository lies where it was locked."""
    detail = f"`dvc.yaml` has the absolute path `{absolute}`, and no commit says what lies there"
    locked = hash_text(item.locked)
    return Reason(kind, item.path, None, locked, detail, stage.file, stage.line)


def _param_reasons(
    stage: Stage, param: ParamDep, lock_file: str, context: CheckContext
) -> Iterator[Reason]:
    file = context.lineage.params.get(param.path)
    line = stage.lock.line if stage.lock is not None else None
    if file is not None and file.unknown is not None and (file.cached or file.converted):
        at = context.evidence.locked_at.get(stage.id)
        found = decide_by_history(ContentMatch("unknown", detail=file.unknown), param.path, at)
        yield from unread_param_reasons(param, found, lock_file, line)
    elif file is None and (why := _why_unseen(param.path, context)) is not None:
        yield Reason("dep-unknown", param.path, detail=why, file=param.path)
    else:
        yield from param_reasons(param, file, lock_file, line)


def _why_unseen(path: str, context: CheckContext) -> str | None:
    """Return why the state of an untracked params file is unknown, `None` if it is missing."""
    if any(at in context.outs and context.outs[at].cache for at in (path, *ancestors(path))):
        return None
    if path in context.evidence.git_ignored:
        return GIT_IGNORES
    return PRODUCER_UNREADABLE if context.broken else None


def _removed_reasons(stage: Stage, lock: LockEntry, lock_file: str) -> Iterator[Reason]:
    deps, outs = {dep.declared for dep in stage.deps}, {out.declared for out in stage.outs}
    if lock.deps.keys() <= deps and lock.outs.keys() <= outs:
        return
    for name in sorted(lock.deps.keys() - deps):
        yield Reason(
            "dep-removed", name, None, hash_text(lock.deps[name]), file=lock_file, line=lock.line
        )
    for name in sorted(lock.outs.keys() - outs):
        yield Reason(
            "out-removed", name, None, hash_text(lock.outs[name]), file=lock_file, line=lock.line
        )


def _outs_inside(stage: Stage, links: Iterable[Link]) -> Mapping[str, list[str]]:
    """Return the outs of other stages inside of deps, by the paths of these, links followed."""
    found: dict[str, list[str]] = {}
    reached = {dep.path: dep.target for dep in stage.deps if dep.target is not None}
    for link in links:
        at = reached.get(link.dep, link.dep)
        if at and at != link.out and not at.startswith(f"{link.out}/"):
            found.setdefault(link.dep, []).append(link.out)
    return found


def _dep_reasons(
    stage: Stage, dep: Dep, found: ContentMatch | None, context: CheckContext
) -> Iterator[Reason]:
    """Yield the reason for a dep that is not the locked one, `found` without its history."""
    # With the listing around the dep, the history is not needed.
    if _enclosing_listing(dep, context) is None:
        at = context.evidence.locked_at.get(stage.id)
        if found is None:
            found = match_untracked(dep.path, context.evidence, at)
        else:
            found = decide_by_history(found, dep.path, at)
    changed: ReasonKind = "upstream-changed" if dep.reached in context.outs else "dep-changed"
    if found is None:
        locked = hash_text(dep.locked)
        yield Reason("dep-missing", dep.path, None, locked, file=stage.file, line=stage.line)
    else:
        yield from _match_reasons(found, stage, dep, changed, "dep-unknown")


def _match_reasons(
    found: ContentMatch, stage: Stage, item: Dep | Out, changed: ReasonKind, unknown: ReasonKind
) -> Iterator[Reason]:
    """Yield the reason for the content of a dep or out, if it is not the locked one."""
    kinds: Mapping[Outcome, ReasonKind] = {
        "different": changed,
        "line-endings": "line-endings",
        "unknown": unknown,
    }
    if found.outcome in kinds:
        yield Reason(
            kinds[found.outcome],
            item.path,
            found.actual,
            hash_text(item.locked),
            found.detail,
            stage.file,
            stage.line,
        )


def _match_dep(
    dep: Dep, locked: Version, inner: list[str], context: CheckContext
) -> ContentMatch | None:
    """Compare a dep with its version at the commit; `None` if the commit has nothing there."""
    content = context.evidence.contents.get(dep.path)
    at = dep.reached
    if content is not None and (dep.target is None or content.kind != "symlink"):
        return _match_content(dep, locked, content, inner, context)
    out = context.outs.get(at)
    if out is not None:
        if out.locked is None or out.locked.hash is None:
            if dep.path.startswith(DATASET):
                return ContentMatch("different", detail=NOT_IN_SYNC)
            return ContentMatch("unknown", detail="no lock or .dvc file records its version")
        return against_version(out.locked, locked, not dep.external)
    if dep.path.startswith(DATASET):
        return ContentMatch("unknown", detail=NO_DATASET)
    if dep.external:
        return ContentMatch("unknown", detail="it lies outside the repository")
    folder = next((path for path in ancestors(at) if path in context.outs), None)
    if folder is not None:
        return _match_in_listing(at, folder, locked, context)
    if inner:
        return ContentMatch("unknown", detail=_held_by_cache(inner[0]))
    if context.broken:
        return ContentMatch("unknown", detail=PRODUCER_UNREADABLE)
    return None


def _match_in_listing(
    path: str, folder: str, locked: Version, context: CheckContext
) -> ContentMatch | None:
    """Compare a dep inside a directory out; `None` if the listing does not contain it."""
    listing = context.evidence.listings.get(folder)
    if listing is None:
        detail = f"it lies inside `{folder}`, whose listing is only in DVC's cache"
        return ContentMatch("unknown", detail=detail)
    if listing.unknown is not None:
        detail = f"it lies inside `{folder}`, whose listing is not available: {listing.unknown}"
        return ContentMatch("unknown", detail=detail)
    hash_ = listing.hash_of(path[len(folder) + 1 :])
    return against_version(Version(hash_), locked) if hash_ is not None else None


def _enclosing_listing(dep: Dep, context: CheckContext) -> Listing | None:
    """Return the listing of the directory around a dep, `None` if it is unknown or not needed."""
    if dep.reached in context.evidence.contents or dep.reached in context.outs:
        return None
    listing = context.evidence.listings.get(
        enclosing_dir(dep.reached, context.evidence.listings) or ""
    )
    return listing if listing is not None and listing.unknown is None else None


def _match_content(
    dep: Dep, locked: Version, content: Content, inner: list[str], context: CheckContext
) -> ContentMatch:
    found = against_content(content, locked)
    if found is SAME:
        return found
    contents, listings = context.evidence.contents, context.evidence.listings
    hidden = [path for path in inner if path not in contents and path not in listings]
    # The hash behind a link to a folder covers all in it, its outs by their locked versions too.
    if hidden and dep.target is None and found.outcome == "different":
        return ContentMatch("unknown", found.actual, _held_by_cache(hidden[0]))
    return found


def _held_by_cache(path: str) -> str:
    """Return the reason for a folder with an out whose content only DVC's cache has."""
    return f"it holds `{path}`, which only the cache holds"


def _out_reasons(stage: Stage, out: Out, context: CheckContext) -> Iterator[Reason]:
    where, line = stage.file, stage.line
    if out.locked is None or out.locked.hash is None:
        if stage.imported is None:
            yield Reason("out-added", out.path, file=where, line=line)
        return
    if out.absolute is not None:
        yield _absolute("out-unknown", stage, out, out.absolute)
    content = context.evidence.contents.get(out.path)
    if content is None:
        locked = hash_text(out.locked)
        if out.path in context.evidence.git_ignored:
            yield Reason("out-unknown", out.path, None, locked, GIT_IGNORES, where, line)
        elif not out.cache and not out.external:
            yield Reason("out-missing", out.path, None, locked, file=where, line=line)
        return
    found = against_content(content, out.locked)
    if found is SAME:
        return
    found = decide_by_history(found, out.path, context.evidence.locked_at.get(stage.id))
    yield from _match_reasons(found, stage, out, "out-changed", "out-unknown")


def stale_by_lock(change: Change) -> tuple[str, ...]:
    """Return the ids of the stages that differ from their lock entry, sorted."""
    return tuple(
        sorted(stage.name for stage in change.stages if any(map(_is_dated, stage.reasons)))
    )


def with_lock_commits(change: Change, commits: Mapping[str, str]) -> Change:
    """Return the change with the locking commit in each reason that has a locked value.

    `commits` are by stage id.
    """
    if not commits:
        return change
    return replace(
        change,
        stages=tuple(_with_commit(stage, commits.get(stage.name)) for stage in change.stages),
    )


def _with_commit(stage: StageChange, commit: str | None) -> StageChange:
    if commit is None:
        return stage
    reasons = (replace(r, commit=commit) if _is_dated(r) else r for r in stage.reasons)
    return replace(stage, reasons=tuple(reasons))


def _is_dated(reason: Reason) -> bool:
    return reason.kind in _SAYS_LOCKED and reason.locked is not None
