"""Look for the versions of a commit in the remote that the team has configured."""

import os
from collections.abc import Mapping, Sequence
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
    bases: Sequence[Lineage],
    head: CommitState,
    trusted: str,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    checkout: str | os.PathLike[str] | None = None,
    of_fork: bool = False,
) -> tuple[PushedOut, ...]:
    """Return whether the remote has the versions that the head introduces.

    Without `bases`, all its versions count. The remote is that of the `trusted` commit, with the
    credentials of the `checkout`. Nothing is asked for a fork: existence tells its author, too.
    `touched` are the commits that touched each file, newest first.
    """
    from lineage_diff.dvc.lock.cloud_versions import cloud_versions
    from lineage_diff.dvc.storage.failures import OF_FORK
    from lineage_diff.dvc.storage.open import open_storage
    from lineage_diff.dvc.storage.pushed import check_pushed, introduced_outs, unchecked
    from lineage_diff.lineage.outputs import kept_outs

    repository = opened.repository
    lineages = (*bases, head.lineage)
    read = tuple(repository.snapshot(lineage.commit) for lineage in lineages)
    storage = open_storage(repository, repository.snapshot(trusted), read, checkout)
    *before, after = (tuple(kept_outs(lineage, storage.roots)) for lineage in lineages)
    outs = introduced_outs(after, (kept for base in before for kept in base))

    def versions_of(kept: "KeptOut") -> dict[str, str | None]:
        return cloud_versions(kept, read[-1])

    found = unchecked(outs, OF_FORK) if of_fork else check_pushed(outs, storage, versions_of)
    storage.close()
    return _with_authors(found, outs, opened, head, touched)


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
