"""From a repository and its base commit to what may be read of its storage."""

import os

from lineage_diff.read.errors import InputError
from lineage_diff.read.fetched import Fetcher
from lineage_diff.read.git import GitRepository, open_repository
from lineage_diff.read.snapshot import Snapshot
from lineage_diff.read.storage import Bounds, Storage, trusted_projects


def open_fetcher(
    repository: GitRepository,
    base: Snapshot,
    head: Snapshot,
    checkout: str | os.PathLike[str] | None = None,
    bounds: Bounds | None = None,
) -> Fetcher:
    """Return what reads the storage that the base names; nothing is opened before it is asked.

    `checkout` is the folder whose cache and `config.local` count, where that is not the
    repository's own work tree.
    """
    folder = checkout or repository.work_tree or repository.objects_folder
    projects = trusted_projects(base, (head, *_checked_out(folder)), folder)
    return Fetcher(Storage(projects, bounds), tuple(projects))


def _checked_out(folder: str | os.PathLike[str]) -> tuple[Snapshot, ...]:
    try:
        repository = open_repository(folder)
        return (repository.snapshot(repository.head()), repository.index())
    except InputError:
        # No work tree, and so no file of one that could pass for the user's own.
        return ()
