"""Find the commits to compare in the checkout, and fetch missing ones."""

import re
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.github_action.activity import NamedRev
from lineage_diff.github_action.runner.git_fetch import Source, Want, fetch, found_ref, make_store

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What `git help check-ref-format` allows, in any script; an expression like `main~2` is none.
_BRANCH_OR_TAG = re.compile(r"(?!.*(?:\.\.|//|@\{|/\.))[^\x00-\x20\x7f~^:?*\[\\]+")


class Commits(Struct, frozen=True):
    """Full commit ids in the requested order, and the repository that contains them all.

    `tip` is the tip of the base branch, if it is later than the first of them.
    """

    repository: Path
    ids: tuple[str, ...]
    tip: str | None = None


class Search(Struct, frozen=True):
    """The commits to find: all `sides`, and for two of them their merge base if needed.

    `pull_request` is the number under which the server keeps the last side. `base_branch` is the
    branch of the first side, if any.
    """

    sides: tuple[NamedRev, ...]
    merge_base: bool
    pull_request: int | None = None
    base_branch: str | None = None


def checkout_folder(workspace: Path, working_directory: str) -> Path:
    """Return the folder of the checkout. Raises `InputError` if it is outside the workspace."""
    folder = (workspace / working_directory).resolve()
    if not folder.is_relative_to(workspace.resolve()):
        raise InputError(
            f"input `working_directory` is {working_directory[:80]!r}, outside of the workspace",
            hint="Name a folder below the workspace, as `path` of actions/checkout does.",
        )
    return folder


def find_commits(folder: Path, search: Search, source: Source, store: Path) -> Commits:
    """Find the commits in the checkout, or fetch missing ones into `store`, an empty folder.

    Raises `InputError` if there is no checkout, or if a commit can be neither found nor fetched.
    """
    repository = _open(folder)
    try:
        here = _commits(folder, repository, search, f"refs/remotes/origin/{search.base_branch}")
    except InputError as missing:
        if not all(_can_be_asked_for(side.rev) for side in search.sides):
            raise missing from None
        return _fetch_commits(repository, search, source, store)
    lacks = repository.is_partial or _lacks_branch(repository, search.base_branch)
    if not lacks or not all(_can_be_asked_for(side.rev) for side in search.sides):
        return here
    try:
        return _fetch_commits(repository, search, source, store)
    except InputError:
        # Missing objects are reported one by one later; the event's commit stands for the branch.
        return here


def _fetch_commits(
    repository: GitRepository, search: Search, source: Source, store: Path
) -> Commits:
    complete = not repository.is_shallow and not repository.is_partial
    make_store(store, source, repository.objects_folder if complete else None, repository.head())
    wants = [_want(repository, side, search) for side in search.sides]
    tip = found_ref(len(wants))
    if search.base_branch is not None and _BRANCH_OR_TAG.fullmatch(search.base_branch):
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
        # A commit may contain files that look like a bare repository, with its own settings.
        raise _no_checkout(folder)
    return repository


def _no_checkout(folder: Path) -> InputError:
    return InputError(
        "there is no checkout of the repository",
        hint="Run actions/checkout with `fetch-depth: 0` first, or set `working_directory`.",
        file=str(folder),
    )


def _commits(folder: Path, repository: GitRepository, search: Search, tip: str) -> Commits:
    ids = _found_refs(repository, search)
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
    """Whether a ref names a later commit: a job may run again long after its event.

    A checkout kept between runs may also have an older commit.
    """
    try:
        found = repository.resolve(ref)
    except InputError:
        return False
    return found != commit and repository.is_ancestor(commit, found)


def _found_refs(repository: GitRepository, search: Search) -> tuple[str, ...]:
    ids = tuple(_resolve(repository, side.rev) for side in search.sides)
    if search.merge_base:
        repository.merge_base(*ids)
    return ids


def _resolve(repository: GitRepository, rev: str) -> str:
    try:
        return repository.resolve(rev)
    except InputError:
        # actions/checkout creates only one local branch.
        if not _can_be_asked_for(rev) or _COMMIT.fullmatch(rev):
            raise
        try:
            return repository.resolve(f"refs/remotes/origin/{rev}")
        except InputError:
            pass
        raise


def _can_be_asked_for(rev: str) -> bool:
    # A server resolves names and ids, not expressions; `@` is one, for `HEAD`.
    return rev != "@" and not rev.startswith("-") and bool(_BRANCH_OR_TAG.fullmatch(rev))


def _want(repository: GitRepository, side: NamedRev, search: Search) -> Want:
    if _COMMIT.fullmatch(side.rev):
        kept = search.pull_request is not None and side == search.sides[-1]
        pull = (f"refs/pull/{search.pull_request}/head",) if kept else ()
        return Want(f"commit {side.rev[:7]}", (side.rev, *pull))
    if side.rev == "HEAD":
        commit = repository.head()
        return Want(f"commit {commit[:7]}", (commit,))
    return Want(f"`{side.rev}`", (f"refs/heads/{side.rev}", f"refs/tags/{side.rev}"))
