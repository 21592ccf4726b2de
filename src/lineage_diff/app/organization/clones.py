"""Clone repositories by address into a cache folder: bare, and with the blobs that an index reads.

Git uses our settings only: no machine settings, no hooks, no credential helpers, no submodules, no
redirects, no prompts, a time limit. A token for HTTPS is in the environment, in a header for the
one server: never in an argument, a file or an error.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.project import PATHSPECS
from lineage_diff.errors import InputError
from lineage_diff.git.isolated import IsolatedGit, fetch_variables
from lineage_diff.git.log import LOG, read_log, read_raw_log
from lineage_diff.git.process import GitFailed, GitProcess
from lineage_diff.git.remote_address import remote_address
from lineage_diff.git.repository import GitRepository, open_repository

TOKEN = "LINEAGE_DIFF_TOKEN"  # noqa: S105  # its name
"""The environment variable with a token for HTTPS, sent to every server that is cloned from."""

SECONDS = 1_800.0
# Ids of one request: they fit into the arguments of a process.
_ASKED = 1_000
_PROTOCOLS = "file:git:http:https:ssh"
_HEAD = "refs/heads/indexed"
_TAGS = "+refs/tags/*:refs/tags/*"


class Remote(Struct, frozen=True):
    """A repository by its address, and the folder of its clone."""

    url: str
    folder: Path


def cloned(text: str, cache: Path) -> str | Path:
    """Return a path as it is, and of an address the folder of its clone, which is updated.

    Raises `InputError` as `remote_of` and `update_clone` do.
    """
    if "://" not in text and (remote_address(text) is None or Path(text).exists()):
        return text
    remote = remote_of(text, cache)
    update_clone(remote)
    return remote.folder


def remote_of(text: str, cache: Path) -> Remote:
    """Return a repository that a person named by its address. Raises `InputError` for a login."""
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        raise InputError(
            "the address of the repository has a login",
            hint=f"Leave it out, and set {TOKEN} in the environment.",
        )
    name = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Remote(text, cache / f"{name}.git")


def update_clone(remote: Remote) -> None:
    """Clone the repository, or fetch what is new in it: its default branch and all tags.

    Raises `InputError` if Git fails. A clone that was interrupted is completed.
    """
    git = IsolatedGit(_variables(remote.url), SECONDS)
    try:
        _create(git, remote)
        _fetch(git, remote, "--prune", f"+HEAD:{_HEAD}", _TAGS)
        _fetch_blobs(git, remote)
    except GitFailed as error:
        raise InputError(
            f"cannot be cloned: {error.message}",
            hint=f"Check the address, and the access: {TOKEN} for HTTPS, an agent for SSH.",
        ) from error
    except OSError as error:
        raise InputError(
            f"the clone cannot be written: {error.strerror}",
            hint="Name another folder with --cache.",
            file=str(remote.folder),
        ) from error


def _create(git: IsolatedGit, remote: Remote) -> None:
    remote.folder.parent.mkdir(parents=True, exist_ok=True)
    if not (remote.folder / "HEAD").exists():
        git.init("--quiet", "--bare", "--template=", str(remote.folder))
    settings = {
        "remote.origin.url": remote.url,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
    }
    # GitPython takes the folder for one command only.
    for name, value in settings.items():
        git(git_dir=str(remote.folder)).config(name, value)
    git(git_dir=str(remote.folder)).symbolic_ref("HEAD", _HEAD)


def _fetch(git: IsolatedGit, remote: Remote, *args: str) -> None:
    options = [arg for arg in args if arg.startswith("--")]
    git(git_dir=str(remote.folder)).fetch(
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--filter=blob:none",
        *options,
        "origin",
        *(arg for arg in args if arg not in options),
    )


def _fetch_blobs(git: IsolatedGit, remote: Remote) -> None:
    """Fetch the blobs that an index reads: of the head, and of DVC and metrics files before."""
    reader = GitProcess(str(remote.folder))
    present = set(reader.objects())

    def fetch(oids: Iterable[str]) -> None:
        wanted = iter(sorted({oid for oid in oids if oid not in present}))
        while batch := list(islice(wanted, _ASKED)):
            _fetch(git, remote, *batch)
            present.update(batch)

    fetch(_blobs_of_head(reader))
    fetch(_blobs_of_history(reader, PATHSPECS))
    paths = [f":(literal){path}" for path in _metrics(open_repository(remote.folder))]
    if paths:
        fetch(_blobs_of_history(reader, paths))


def _blobs_of_head(git: GitProcess) -> Iterator[str]:
    for line in git.run("ls-tree", "-r", "-z", _HEAD).split(b"\0"):
        mode, _, rest = line.partition(b" ")
        # Not the commits of submodules.
        if mode in (b"100644", b"100755", b"120000"):
            yield rest.split(b"\t", 1)[0].split()[1].decode("ascii")


def _blobs_of_history(git: GitProcess, pathspecs: Iterable[str]) -> Iterator[str]:
    listing = read_log(git, "of the clone", *LOG, "--all", "--", *pathspecs)
    for _, changes in read_raw_log(listing):
        for change in changes:
            # A submodule's commit is no blob.
            if change.after is not None and change.mode != "160000":
                yield change.after


def _metrics(repository: GitRepository) -> Iterator[str]:
    """Yield the metrics files of the head that Git has."""
    try:
        lineage = LineageReader(repository).read(repository.head())
    except InputError:
        # The index says what is wrong.
        return
    yield from sorted(path for path, file in lineage.metrics.items() if not file.cached)


def _variables(url: str) -> Mapping[str, str]:
    parts = urlsplit(url)
    # An empty one is none.
    token = (os.environ.get(TOKEN) or None) if parts.scheme == "https" else None
    return {
        **fetch_variables(_PROTOCOLS, f"https://{parts.netloc}/", token),
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    }
