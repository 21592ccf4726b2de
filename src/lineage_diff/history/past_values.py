"""Read single commits and files of the past: a commit's author, and a file's values at it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from subprocess import DEVNULL
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.commit_tree import parse_tree
from lineage_diff.git.log import FIRST_PARENTS, read_log
from lineage_diff.git.process import GitFailed, GitProcess, input_of, output_of
from lineage_diff.history.timeline import Changes, ReadBlobs, commits_of_log
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.parsing.values_file import parse_values, suffix_of
from lineage_diff.parsing.work_budget import HistoryWork, TooMuchHistoryError


def commit_info(git: GitProcess, commit: str) -> CommitInfo:
    """Return author, date and subject of one commit, given by its full id."""
    listing = git.run(*FIRST_PARENTS, "--no-patch", "--max-count=1", commit)
    return next(iter(commits_of_log(listing)))[0]


def commits_of(
    git: GitProcess, commit: str, path: str, fork: str | None = None
) -> Iterator[tuple[CommitInfo, str | None]]:
    """Yield the first parents of a commit that changed a path, newest first, with its blob id.

    With `fork`, yield only those that it does not contain, and then that commit itself.
    Raises `InputError` when Git cannot read the history.
    """
    revs = [commit] if fork is None else [commit, f"^{fork}"]
    listing = read_log(git, f"of {path}", *FIRST_PARENTS, *revs, "--", f":(literal){path}")
    for info, changes in commits_of_log(listing):
        yield info, changes.get(path)
    if fork is not None:
        yield commit_info(git, fork), blob_ids(git, [(fork, path)]).get((fork, path))


Commits = list[tuple[CommitInfo, str | None]]
"""Commits that changed a path, newest first, each with the path's blob id."""


def recent_commits_of(
    git: GitProcess, revs: Sequence[str], paths: Sequence[str]
) -> Mapping[str, Commits]:
    """Return, by path, the first parents that changed it, newest first.

    At most `NOISE_VALUES` of each, among `newest_revisions`. Paths whose history Git cannot read
    are left out.
    """
    most = limits.NOISE_VALUES
    with suppress(InputError):
        # One process for all paths, unless one that changes often leaves no room for the others.
        listed = changes_of(git, revs, paths, most * len(paths))
        if len(paths) == 1 or len(listed) < most * len(paths):
            return {path: _commits_of_path(listed, path)[:most] for path in paths}
    found: dict[str, Commits] = {}
    for path in paths:
        with suppress(InputError):
            found[path] = _commits_of_path(changes_of(git, revs, (path,), most), path)
    return found


def newest_revisions(git: GitProcess, commit: str) -> list[str]:
    """Return the revisions that select the newest `NOISE_COMMITS` first parents of a commit."""
    far = (f"--skip={limits.NOISE_COMMITS}", "--max-count=1")
    try:
        last = git.line("rev-list", "--first-parent", *far, commit)
    except GitFailed:
        last = ""
    return [commit, *([f"^{last}"] if last else ())]


def changes_of(
    git: GitProcess, revs: Sequence[str], paths: Sequence[str], most: int
) -> list[tuple[CommitInfo, Changes]]:
    """Return the newest first parents, at most `most`, that changed a path, with their changes.

    Raises `InputError` when Git cannot read the history.
    """
    specs = [f":(literal){path}" for path in paths]
    arguments = (*FIRST_PARENTS, f"--max-count={most}", *revs, "--", *specs)
    return list(commits_of_log(read_log(git, f"of {', '.join(paths)}", *arguments)))


def _commits_of_path(listed: Iterable[tuple[CommitInfo, Changes]], path: str) -> Commits:
    return [(info, changes[path]) for info, changes in listed if path in changes]


def blob_ids(git: GitProcess, asked: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Return the ids of the blobs at paths of commits; other entries are left out."""
    folders: dict[tuple[str, str], list[str]] = {}
    for commit, path in sorted(set(asked)):
        folders.setdefault((commit, path.rpartition("/")[0]), []).append(path)
    found: dict[tuple[str, str], str] = {}
    single: list[tuple[str, str]] = []
    for (commit, folder), paths in folders.items():
        # Git reads the whole folder for each path: for many paths, list the folder once.
        if len(paths) > limits.ASKED_PATHS:
            found |= _list_blobs(git, commit, folder, paths)
        else:
            single += ((commit, path) for path in paths)
    found |= _look_up_blobs(git, single)
    return found


def _list_blobs(
    git: GitProcess, commit: str, folder: str, paths: Iterable[str]
) -> Mapping[tuple[str, str], str]:
    try:
        files, _ = parse_tree(git.run("ls-tree", "-z", f"{commit}:{folder}"), {})
    except GitFailed:
        return {}
    entries = {path: files.get(path.rpartition("/")[2]) for path in paths}
    return {
        (commit, path): entry.oid
        for path, entry in entries.items()
        if entry is not None and entry.kind != "submodule"
    }


def _look_up_blobs(
    git: GitProcess, asked: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], str]:
    fitting = [pair for pair in asked if "\n" not in pair[1] and len(pair[1]) < limits.ASKED_PATH]
    found: dict[tuple[str, str], str] = {}
    if not fitting:
        return found
    check = "--batch-check=%(objecttype) %(objectname)"
    with git.start("cat-file", check, stderr=DEVNULL) as process:
        asking, answers = input_of(process), output_of(process)
        for batch in _pipefuls(fitting):
            asking.write(b"".join(map(_request, batch)))
            asking.flush()
            for pair in batch:
                kind, _, name = answers.readline().decode("utf-8", "replace").partition(" ")
                if kind == "blob":
                    found[pair] = name.strip()
    return found


def _request(asked: tuple[str, str]) -> bytes:
    return f"{asked[0]}:{asked[1]}\n".encode("utf-8", "surrogateescape")


def _pipefuls(asked: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield parts that Git can be sent before it reads any: it waits until we read its answers."""
    batch: list[tuple[str, str]] = []
    size = 0
    for pair in asked:
        size += len(_request(pair))
        if batch and size > limits.PIPE_BYTES:
            yield batch
            batch, size = [], len(_request(pair))
        batch.append(pair)
    if batch:
        yield batch


def values_at(
    git: GitProcess,
    read_oids: ReadBlobs,
    asked: Sequence[tuple[str, str]],
    history: HistoryWork,
) -> Mapping[tuple[str, str], ValuesFile]:
    """Return the values files at commits, by commit and path, without unreadable ones."""
    return values_of(read_oids, blob_ids(git, asked), history)


def values_of(
    read_oids: ReadBlobs,
    blobs: Mapping[tuple[str, str], str],
    history: HistoryWork,
    is_whole: bool = False,
) -> Mapping[tuple[str, str], ValuesFile]:
    """Return the values files of blobs by the same keys, whose second part is the path.

    Unreadable ones are left out, and those over the remaining work on the `history`: if it must be
    whole, these raise `TooMuchHistoryError`.
    """
    paths: dict[str, set[str]] = {}
    for (_, path), oid in blobs.items():
        paths.setdefault(oid, set()).add(path)
    read: dict[tuple[str, str], ValuesFile] = {}
    for oid, content in read_oids(sorted(paths)):
        # The same text under another name is parsed again only for another suffix.
        parsed: dict[str, Any] = {}
        for path in sorted(paths[oid]):
            suffix = suffix_of(path)
            if suffix not in parsed:
                parsed[suffix] = _parsed(content, path, history, is_whole)
            if parsed[suffix] is not None:
                read[oid, path] = ValuesFile(path, parsed[suffix])
    return {key: read[oid, key[1]] for key, oid in sorted(blobs.items()) if (oid, key[1]) in read}


def _parsed(content: bytes, path: str, history: HistoryWork, is_whole: bool) -> Any:
    """Return the values of a file, `None` for one that is left out."""
    try:
        return parse_values(content, path, history.commit())
    except InputError as error:
        if is_whole and isinstance(error, TooMuchHistoryError):
            raise
        return None
