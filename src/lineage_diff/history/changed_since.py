"""Find which commits of a branch changed what stages were last run on."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.log import FIRST_PARENTS, commits_without, read_log
from lineage_diff.git.process import GitFailed, GitProcess
from lineage_diff.history.timeline import Changes, commits_of_log
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.report.after_merge.stale_branch import ChangeSince
from lineage_diff.report.reasons import STALE, Reason


class LastRun(Struct, frozen=True):
    """What a stage was last run on: paths, and the commit with its lock entry, if it is known."""

    paths: tuple[str, ...]
    commit: str | None


def last_run(reasons: Iterable[Reason]) -> LastRun:
    """Return the paths for which a stage is stale by itself, from its reasons."""
    own = [reason for reason in reasons if reason.kind in STALE]
    paths = {path for reason in own for path in _paths(reason)}
    commits = (reason.commit for reason in own if reason.commit is not None)
    return LastRun(tuple(sorted(paths)), next(commits, None))


def _paths(reason: Reason) -> Iterator[str]:
    if reason.kind.partition("-")[0] in ("dep", "out", "upstream"):
        # Data that DVC tracks changes with its `.dvc` file.
        yield from (reason.subject, f"{reason.subject}.dvc")
    elif reason.file is not None:
        yield reason.file


def changes_since(
    git: GitProcess, commit: str, runs: Mapping[str, LastRun]
) -> dict[str, tuple[ChangeSince, ...]]:
    """Return, by stage, the first parents of `commit` that changed its paths since its last run.

    The oldest first. If none is later than the run, or its commit is not known, only the newest
    one. Nothing if Git cannot read the history.
    """
    paths = sorted({path for run in runs.values() for path in run.paths})[: limits.LITERAL_PATHS]
    if not paths:
        return {}
    newest = f"--max-count={limits.SINCE_COMMITS}"
    specs = (f":(literal){path}" for path in paths)
    try:
        listing = read_log(git, f"of {commit[:7]}", *FIRST_PARENTS, newest, commit, "--", *specs)
        log = tuple(commits_of_log(listing))
        locked = sorted({run.commit for run in runs.values() if run.commit is not None})
        later = {name: commits_without(git, commit, name) for name in locked[: limits.SINCE_RUNS]}
    except (InputError, GitFailed):
        return {}
    found = {stage: _of_run(run, log, later) for stage, run in sorted(runs.items())}
    return {stage: changes for stage, changes in found.items() if changes}


def _of_run(
    run: LastRun,
    log: tuple[tuple[CommitInfo, Changes], ...],
    later: Mapping[str, frozenset[str]],
) -> tuple[ChangeSince, ...]:
    touching = [
        (info, path) for info, changes in log for path in run.paths if _touches(path, changes)
    ]
    since = later.get(run.commit or "")
    after = [item for item in touching if since is not None and item[0].id in since]
    # Without one, the commit that brought the lock entry brought another version, too.
    touching = after or touching[:1]
    return tuple(
        ChangeSince(path, info.id, info.author, info.pull_request)
        for info, path in reversed(touching)
    )


def _touches(path: str, changes: Changes) -> bool:
    return path in changes or any(name.startswith(f"{path}/") for name in changes)
