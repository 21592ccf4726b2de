"""The listings of directories that locks and `.dvc` files hold themselves (`files:`).

DVC writes them for remotes with `version_aware` or `worktree`: no cache is needed to read them.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from lineage_diff.dvc.lock.entry import hash_of_files
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.stage import Stage


def recorded_listings(stages: Iterable[Stage]) -> dict[str, Listing]:
    """Return the listings that stages and `.dvc` files record of their outs, by path."""
    stages = tuple(stages)
    recorded = {
        out.path: out.locked.files
        for stage in stages
        for out in stage.outs
        if out.locked is not None and out.locked.files is not None
    }
    if not recorded:
        return {}
    used = deps_inside(stages)
    return {
        path: with_folders(Listing(dict(files)), used.get(path, ()))
        for path, files in sorted(recorded.items())
    }


def deps_inside(stages: Iterable[Stage]) -> Mapping[str, set[str]]:
    """Return the deps inside of each folder, relative to it, with their links followed."""
    found: dict[str, set[str]] = {}
    for stage in stages:
        for dep in stage.deps:
            for folder in ancestors(dep.reached):
                found.setdefault(folder, set()).add(dep.reached[len(folder) + 1 :])
    return found


def with_folders(listing: Listing, paths: Iterable[str]) -> Listing:
    """Return a listing with the hashes of those `paths` that are folders in it."""
    folders = {}
    for path in sorted(paths):
        below = {
            name[len(path) + 1 :]: hash_
            for name, hash_ in listing.files.items()
            if name.startswith(f"{path}/")
        }
        if below:
            folders[path] = hash_of_files(below)
    return replace(listing, folders=folders) if folders else listing
