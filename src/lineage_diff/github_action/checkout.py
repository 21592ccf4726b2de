"""The commits to compare: in the checkout, or fetched where it lacks them."""

import re
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.github_action.activity import NamedRev
from lineage_diff.github_action.runner.git_fetch import Source, Want, fetch, found_ref, make_store

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH_OR_TAG = re.compile(r"[A-Za-z0-9_](?!.*(?:\.\.|//))[A-Za-z0-9._/+@-]*")


class Commits(Struct, frozen=True):
    """Full ids of commits, in the order asked for, and the repository that holds them all.

    `tip` is that of the base branch where it has moved on from the first of them.
    """

    repository: Path
    ids: tuple[str, ...]
    tip: str | None = None


class Search(Struct, frozen=True):
    """What to look for: all `sides`, and of two of them a merge base where one is needed.

    `pull_request` is the number under which the server keeps the last of the sides. The first of
    them is a commit of the `base_branch`, where it is one of a branch.
    """

    sides: tuple[NamedRev, ...]
    merge_base: bool
    pull_request: int | None = None
    base_branch: str | None = None


def checkout_folder(workspace: Path, working_directory: str) -> Path:
    """Return the folder of the checkout. Raises `InputError` for one outside of the workspace."""
    folder = (workspace / working_directory).resolve()
    if not folder.is_relative_to(workspace.resolve()):
        raise InputError(
            f"input `working_directory` is {working_directory[:80]!r}, outside of the workspace",
            hint="Name a folder below the workspace, as `path` of actions/checkout does.",
        )
    return folder


def find_commits(folder: Path, search: Search, source: Source, store: Path) -> Commits:
    """Find the commits in the checkout; what it lacks is fetched into `store`, an empty folder.

    Raises `InputError` where there is no checkout, and where a commit can neither be found nor
    fetched.
    """
    repository = _open(folder)
    try:
        here = _commits(folder, repository, search, f"refs/remotes/origin/{search.base_branch}")
    except InputError as missing:
        if not all(_can_be_asked_for(side.rev) for side in search.sides):
            raise missing from None
        return _fetched(repository, search, source, store)
    lacks = repository.is_partial or _lacks_branch(repository, search.base_branch)
    if not lacks or not all(_can_be_asked_for(side.rev) for side in search.sides):
        return here
    try:
        return _fetched(repository, search, source, store)
    except InputError:
        # What it lacks will be told object by object; for the branch the event's word stands.
        return here


def _fetched(repository: GitRepository, search: Search, source: Source, store: Path) -> Commits:
    complete = not repository.is_shallow and not repository.is_partial
    make_store(store, source, repository.objects_folder if complete else None, repository.head())
    wants = [_want(repository, side, search) for side in search.sides]
    tip = found_ref(len(wants))
    if search.base_branch is not None and _can_be_asked_for(search.base_branch):
        name = search.base_branch
        wants.append(Want(f"`{name}`", (f"refs/heads/{name}",), needed=False))
    fetch(store, source, wants)
    revs = tuple(
        NamedRev(side.rev if _COMMIT.fullmatch(side.rev) else found_ref(index), side.name)
        for index, side in enumerate(search.sides)
    )
    return _commits(store, open_repository(store), replace(search, sides=revs), tip)


def _open(folder: Path) -> GitRepository:
    try:
        repository = open_repository(folder)
    except InputError as error:
        raise _no_checkout(folder) from error
    if repository.work_tree is None:
        # A commit may hold files that look like a bare repository, with settings of their own.
        raise _no_checkout(folder)
    return repository


def _no_checkout(folder: Path) -> InputError:
    return InputError(
        "there is no checkout of the repository",
        hint="Run actions/checkout with `fetch-depth: 0` first, or set `working_directory`.",
        file=str(folder),
    )


def _commits(folder: Path, repository: GitRepository, search: Search, tip: str) -> Commits:
    ids = _found(repository, search)
    moved_on = search.base_branch is not None and _is_after(repository, tip, ids[0])
    return Commits(folder, ids, repository.resolve(tip) if moved_on else None)


def _lacks_branch(repository: GitRepository, branch: str | None) -> bool:
    if branch is None:
        return False
    try:
        repository.resolve(f"refs/remotes/origin/{branch}")
    except InputError:
        return True
    return False


def _is_after(repository: GitRepository, ref: str, commit: str) -> bool:
    """Whether a ref names a later commit: an event may be told long before its job runs again.

    A checkout that is kept between runs may hold an older one, too.
    """
    try:
        found = repository.resolve(ref)
    except InputError:
        return False
    return found != commit and repository.is_ancestor(commit, found)


def _found(repository: GitRepository, search: Search) -> tuple[str, ...]:
    ids = tuple(_resolve(repository, side.rev) for side in search.sides)
    if search.merge_base:
        repository.merge_base(*ids)
    return ids


def _resolve(repository: GitRepository, rev: str) -> str:
    try:
        return repository.resolve(rev)
    except InputError:
        # actions/checkout makes a local branch of one only.
        if not _BRANCH_OR_TAG.fullmatch(rev) or _COMMIT.fullmatch(rev):
            raise
        try:
            return repository.resolve(f"refs/remotes/origin/{rev}")
        except InputError:
            pass
        raise


def _can_be_asked_for(rev: str) -> bool:
    # A server knows names and ids, not expressions such as `main~2`.
    return bool(_BRANCH_OR_TAG.fullmatch(rev))


def _want(repository: GitRepository, side: NamedRev, search: Search) -> Want:
    if _COMMIT.fullmatch(side.rev):
        kept = search.pull_request is not None and side == search.sides[-1]
        pull = (f"refs/pull/{search.pull_request}/head",) if kept else ()
        return Want(f"commit {side.rev[:12]}", (side.rev, *pull))
    if side.rev == "HEAD":
        commit = repository.head()
        return Want(f"commit {commit[:12]}", (commit,))
    return Want(f"`{side.rev}`", (f"refs/heads/{side.rev}", f"refs/tags/{side.rev}"))
