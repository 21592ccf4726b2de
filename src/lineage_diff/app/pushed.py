"""Look for the versions of a commit in the remote that the team has configured."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lineage_diff.app.opened import Opened
from lineage_diff.errors import InputError
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.pushed import PushedOut

if TYPE_CHECKING:
    from lineage_diff.lineage.outputs import KeptOut

_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}


def find_pushed(
    opened: Opened,
    base: Lineage | None,
    head: CommitState,
    trusted: str,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    checkout: str | os.PathLike[str] | None = None,
) -> tuple[PushedOut, ...]:
    """Return whether the remote has the versions that the head introduces.

    Without `base`, all its versions count. The remote is that of the `trusted` commit, with the
    credentials of the `checkout`. `touched` are the commits that touched each file, newest first.
    """
    from lineage_diff.dvc.lock.cloud_versions import CloudVersions
    from lineage_diff.dvc.storage.open import open_storage
    from lineage_diff.dvc.storage.pushed import check_pushed

    repository = opened.repository
    files = repository.snapshot(head.commit)
    others = (files,) if base is None else (repository.snapshot(base.commit), files)
    storage = open_storage(repository, repository.snapshot(trusted), others, checkout)
    outs = _introduced(base, head.lineage, storage.roots)
    versions = CloudVersions()
    found = check_pushed(outs, storage, lambda kept: versions.read(kept, files))
    storage.close()
    return _with_authors(found, outs, opened, head, touched)


def not_asked(opened: Opened, base: Lineage, head: Lineage, trusted: str) -> tuple[PushedOut, ...]:
    """Return the versions that a fork's head introduces, as unknown.

    The remote is not asked: its answer would show the author of the fork which objects exist.
    """
    from lineage_diff.dvc.project import project_roots
    from lineage_diff.dvc.storage.failures import OF_FORK
    from lineage_diff.dvc.storage.pushed import unchecked

    roots = project_roots(opened.repository.snapshot(trusted))
    return unchecked(_introduced(base, head, roots), OF_FORK)


def _introduced(base: Lineage | None, head: Lineage, roots: Iterable[str]) -> "tuple[KeptOut, ...]":
    from lineage_diff.dvc.storage.pushed import introduced_outs
    from lineage_diff.lineage.outputs import kept_outs

    roots = tuple(roots)
    return introduced_outs(kept_outs(head, roots), () if base is None else kept_outs(base, roots))


def _with_authors(
    found: Sequence[PushedOut],
    outs: "Sequence[KeptOut]",
    opened: Opened,
    head: CommitState,
    touched: Mapping[str, tuple[str, ...]],
) -> tuple[PushedOut, ...]:
    """Add the commits that wrote the missing versions into a lock or `.dvc` file."""
    from lineage_diff.history.since_locked import lock_commits

    files = {kept.stage.id: kept.stage.file for kept in outs if kept.stage.is_dvcfile}
    missing = sorted({out.stage for out in found if out.state == "missing"})
    commits = {name: touched[file][0] for name, file in files.items() if touched.get(file)}
    stages = [name for name in missing if name not in files]
    commits |= lock_commits(opened.history, head, stages)
    authors = {name: _author(opened, commits[name]) for name in missing if name in commits}
    return tuple(
        replace(out, commit=commits[out.stage], author=authors[out.stage])
        if out.stage in authors
        else out
        for out in found
    )


def _author(opened: Opened, commit: str) -> str | None:
    try:
        return opened.history.commit_info(commit).author
    except InputError:
        return None
