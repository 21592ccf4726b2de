"""Fetch the tags and branches of the repository, as its server has them now.

`actions/checkout` before its version 6 replaces the pushed tag by a lightweight one, which has no
author (https://github.com/actions/checkout/issues/290), and a clone may lack branches and tags.
"""

from pathlib import Path

from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.github_action.runner.git_fetch import Source, fetch_refs, make_store

_REFS = {"refs/heads/*": "refs/remotes/origin/*", "refs/tags/*": "refs/tags/*"}


def fetch_registry(folder: Path, source: Source, store: Path) -> None:
    """Fetch all branches and tags into `store`, an empty folder.

    `folder` is the checkout. If it has all history, only what it lacks is fetched. Raises
    `InputError` if the server does not answer.
    """
    checkout = open_repository(folder)
    complete = not checkout.is_shallow and not checkout.is_partial
    make_store(store, source, checkout.objects_folder if complete else None, checkout.head())
    fetch_refs(store, source, _REFS, "the branches and tags")


def refuse_moved_tag(store: Path, tag: str, pushed: str) -> None:
    """Raise `InputError` if a tag is not what it was when it was pushed.

    `pushed` is the id of the tag's object, or of its commit.
    """
    repository = open_repository(store)
    ref = f"refs/tags/{tag}"
    try:
        commit = repository.resolve(ref)
    except InputError as error:
        raise InputError(
            f"the tag {tag} was deleted after this run began",
            hint="Nothing is promoted by it; push the tag again if this was a mistake.",
        ) from error
    if pushed not in (commit, repository.git.line("rev-parse", "--verify", ref)):
        raise InputError(
            f"the tag {tag} was moved after this run began",
            hint="See the run of the push that moved it.",
        )
