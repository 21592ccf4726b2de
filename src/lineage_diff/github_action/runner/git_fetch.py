"""Fetch the commits that the checkout lacks into a separate repository.

The checkout is never written to: another user owns its files, and later steps use it. Git uses
our settings only: no machine settings, no hooks, no credential helpers, no submodules, no
redirects, one URL, no prompts, a time limit. The token is in the environment, in the header that
actions/checkout sends: never in an argument, a file or an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.git.process import GitFailed

if TYPE_CHECKING:
    from lineage_diff.git.isolated import IsolatedGit

# The time limit for all fetches of one run.
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Source:
    """A repository on GitHub, by its HTTP URL."""

    url: str
    token: str | None = field(repr=False)


class Want(Struct, frozen=True):
    """A commit to fetch: the first of these refs or ids that the server has.

    If it is not `needed`, it may be missing.
    """

    name: str
    sources: tuple[str, ...]
    needed: bool = True


def found_ref(index: int) -> str:
    """Return the ref under which `fetch` stores the commit with that index."""
    return f"refs/found/{index}"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield an empty folder to fetch into; remove it afterwards. Raises `InputError`."""
    try:
        made = TemporaryDirectory(prefix="lineage-diff-")
    except OSError as error:
        raise InputError(
            f"there is no place for a temporary folder: {error.strerror}",
            hint="Set TMPDIR to a folder that is writable and has free space.",
        ) from error
    with made as folder:
        yield Path(folder)


def make_store(folder: Path, source: Source, objects: str | None, have: str) -> None:
    """Create an empty repository to fetch into.

    `objects` is the objects folder of a clone that is complete from the commit `have` on. It is
    used as an alternate, so that only new objects are fetched. Raises `InputError` if Git fails.
    """
    git = _git(source, SECONDS)
    try:
        git.init(
            "--quiet",
            "--bare",
            "--template=",
            f"--object-format={'sha256' if len(have) == 64 else 'sha1'}",
            str(folder),
        )
        if objects is not None:
            borrowed = folder / "objects" / "info" / "alternates"
            borrowed.parent.mkdir(exist_ok=True)
            borrowed.write_text(f"{objects}\n", encoding="utf-8")
            git(git_dir=str(folder)).update_ref("refs/known/0", have)
    except GitFailed as error:
        raise InputError(
            f"Git cannot create a repository to fetch into: {error.message}",
            hint="Use Git 2.29 or newer, and check the free space of the temporary folder.",
            file=str(folder),
        ) from error


def fetch(folder: Path, source: Source, wants: Sequence[Want], seconds: float = SECONDS) -> None:
    """Fetch each commit with all its history, into the ref that `found_ref` returns.

    Raises `InputError` if a needed commit cannot be fetched.
    """
    git = _git(source, seconds)
    for index, want in enumerate(wants):
        reason = ""
        for name in want.sources:
            try:
                _fetch_one(git, folder, source.url, f"+{name}:{found_ref(index)}")
                break
            except GitFailed as error:
                reason = reason or error.message
        else:
            if want.needed:
                raise _cannot(want, reason)


def fetch_refs(
    folder: Path, source: Source, refs: Mapping[str, str], what: str, seconds: float = SECONDS
) -> None:
    """Fetch all refs that match a pattern, each under another one, with all their history.

    `what` names them in the message. Raises `InputError` if the server cannot be asked.
    """
    git = _git(source, seconds)
    try:
        _fetch_one(git, folder, source.url, *(f"+{ref}:{own}" for ref, own in refs.items()))
    except GitFailed as error:
        raise InputError(
            f"{what} cannot be fetched: {error.message}",
            hint="Use a `github_token` that can read the repository.",
        ) from error


def _fetch_one(git: "IsolatedGit", folder: Path, url: str, *refspecs: str) -> None:
    git(git_dir=str(folder)).fetch(
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--end-of-options",
        url,
        *refspecs,
    )


def _git(source: Source, seconds: float) -> "IsolatedGit":
    # Imported late: GitPython is needed only if commits are missing.
    from lineage_diff.git.isolated import IsolatedGit, fetch_variables

    protocol = urlsplit(source.url).scheme
    return IsolatedGit(fetch_variables(protocol, source.url, source.token), seconds)


def _cannot(want: Want, reason: str) -> InputError:
    return InputError(
        f"{want.name} is not in the checkout and cannot be fetched: {reason}",
        hint="Set `fetch-depth: 0` in actions/checkout, and use a `github_token` that can read "
        "the repository.",
    )
