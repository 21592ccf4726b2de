"""Open the DVC cache and the remotes named by the base branch."""

import os

from lineage_diff.dvc.storage.client import FetchLimits, StorageClient, trusted_projects
from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.git.snapshot import Snapshot


def open_storage(
    repository: GitRepository,
    trusted: Snapshot,
    others: tuple[Snapshot, ...],
    checkout: str | os.PathLike[str] | None = None,
    bounds: FetchLimits | None = None,
) -> StorageClient:
    """Return a client of the storage of the `trusted` commit; nothing is opened yet.

    `others` are the commits that the files of the work tree may come from. `checkout` is a folder
    of the work tree with the cache and `config.local` to use, by default the repository's own.
    """
    here = (
        repository if checkout is None else open_repository(checkout).with_limits(repository.limits)
    )
    # A bare repository's relative paths lead beside its objects, where there is nothing.
    folder = here.work_tree or here.objects_folder
    out = _checkout_snapshot(here)
    projects = trusted_projects(trusted, None if out is None else (*others, *out), folder)
    return StorageClient(projects, bounds)


def _checkout_snapshot(repository: GitRepository) -> tuple[Snapshot, ...] | None:
    if repository.work_tree is None:
        return ()
    try:
        return (repository.snapshot(repository.head()), repository.index())
    except InputError:
        # The origin of the files in the work tree is unknown.
        return None
