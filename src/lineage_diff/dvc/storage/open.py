"""From a repository and the tip of its base branch to what may be read of its storage."""

import os

from lineage_diff.dvc.storage.client import FetchLimits, StorageClient, trusted_projects
from lineage_diff.dvc.storage.fetcher import Fetcher
from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.git.snapshot import Snapshot


def open_fetcher(
    repository: GitRepository,
    trusted: Snapshot,
    others: tuple[Snapshot, ...],
    checkout: str | os.PathLike[str] | None = None,
    bounds: FetchLimits | None = None,
) -> Fetcher:
    """Return what reads the storage that the `trusted` commit names; nothing is opened yet.

    `others` are the commits that may have brought along what lies in the work tree. `checkout` is
    a folder of the work tree whose cache and `config.local` count, where that is not the
    repository's own.
    """
    here = (
        repository if checkout is None else open_repository(checkout).with_limits(repository.limits)
    )
    # What a bare repository names by a relative path is looked for beside its objects: nowhere.
    folder = here.work_tree or here.objects_folder
    out = _checked_out(here)
    projects = trusted_projects(trusted, None if out is None else (*others, *out), folder)
    return Fetcher(StorageClient(projects, bounds), tuple(projects), repository.limits)


def _checked_out(repository: GitRepository) -> tuple[Snapshot, ...] | None:
    if repository.work_tree is None:
        return ()
    try:
        return (repository.snapshot(repository.head()), repository.index())
    except InputError:
        # Nobody knows whose the files of the work tree are.
        return None
