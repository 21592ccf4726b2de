"""Resolve a revision (`main`, `HEAD~2`, `v1.0`) to its commit."""

import re
from collections.abc import Callable, Iterator

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.log import start_log
from lineage_diff.git.process import GitFailed, GitProcess
from lineage_diff.text import closest_matches

_EXPS = "refs/exps"
_AMBIGUOUS = re.compile(r"refname '(.*)' is ambiguous")
# Git takes these as they are, whichever other refs end with the same name.
_NEVER_AMBIGUOUS = re.compile(r"@|(?:[A-Z]+_)?HEAD|refs/.*")
_DEEPEN = "Set `fetch-depth: 0` in actions/checkout, or run `git fetch --unshallow`."


def resolve_revision(git: GitProcess, rev: str, shallow: bool) -> str:
    """Return the full id of the commit that `rev` names; tags are followed.

    After Git's own names, the name of an experiment is tried: the last part of a ref below
    `refs/exps`, if one ref has it.

    Raises `InputError` for a `rev` like an option, for an unknown name (with the closest
    matches), for a name of several refs, and for the id of an object that is not a commit.
    """
    # Git also accepts `^main`: all commits that main does not reach.
    if not rev or rev[0] in "-^" or not rev.isprintable():
        raise InputError(
            f"{rev!r} is not a revision", hint="Name a branch, a tag or a commit's id."
        )
    try:
        found, warnings = git.run_with_warnings(
            "rev-parse", "--verify", "--end-of-options", f"{rev}^{{commit}}"
        )
    except GitFailed as error:
        refs = _experiments(git, rev)
        if len(refs) == 1:
            return git.line("rev-parse", "--verify", "--end-of-options", f"{refs[0]}^{{commit}}")
        raise _unknown(git, rev, shallow, error, refs) from error
    if (match := _AMBIGUOUS.search(warnings)) and not _NEVER_AMBIGUOUS.fullmatch(match[1]):
        raise _ambiguous(git, match[1])
    return found.decode("ascii").strip()


def _ambiguous(git: GitProcess, name: str) -> InputError:
    """Error for a name of a tag and a branch: Git takes the tag, which others may have pushed."""
    places = ("refs/heads/", "refs/tags/", "refs/remotes/")
    refs = _line(git, "for-each-ref", "--format=%(refname)", *(f"{each}{name}" for each in places))
    exact = [ref for ref in refs.splitlines() if ref in {f"{each}{name}" for each in places}]
    # Git also warns of a branch that has the short id of a commit.
    found = exact if len(exact) > 1 else [*exact, "a commit by its id"]
    return InputError(
        f"{name} is ambiguous: it names {' and '.join(found)}", hint="Name one of them in full."
    )


def tag_kind(git: GitProcess, name: str) -> str | None:
    """Return `tag` for an annotated tag, the kind of its object for another, `None` without one."""
    try:
        return git.line("cat-file", "-t", f"refs/tags/{name}")
    except GitFailed:
        return None


def start_first_commit(git: GitProcess, commit: str) -> Callable[[], str]:
    """Start to look for the oldest commit in the history, the one with the smallest id of several.

    The returned function waits for its id. It raises `InputError`.
    """
    started = start_log(git, f"of {commit[:7]}", "rev-list", "--max-parents=0", commit)
    # The last line of a listing that is too long is cut.
    return lambda: min(oid for oid in started().decode("ascii").split() if len(oid) == len(commit))


def _unknown(
    git: GitProcess, rev: str, shallow: bool, error: GitFailed, experiments: list[str]
) -> InputError:
    if error.status != 1 and error.message and "revision" not in error.message:
        return InputError(
            f"Git cannot read the repository: {error.message}",
            hint="Check it with `git fsck`.",
            file=git.git_dir,
        )
    if not _has_commits(git):
        return InputError(
            "the repository has no commits yet", hint="Commit something first.", file=git.git_dir
        )
    try:
        kind = git.line("cat-file", "-t", rev)
    except GitFailed:
        kind = ""
    if kind:
        return InputError(
            f"{rev} is a {kind}, not a commit", hint="Name a branch, a tag or a commit's id."
        )
    message = f"unknown revision {rev}"
    if ".." in rev:
        return InputError(f"{rev} is a range, not a commit", hint=_two_revisions(rev))
    if experiments:
        return InputError(
            f"{rev} names {len(experiments)} experiments",
            hint=f"Name the whole ref of one: {' or '.join(experiments)}.",
        )
    near = _near(rev, _names(git))
    if near:
        return InputError(message, hint=f"Did you mean {' or '.join(near)}?")
    if shallow:
        return InputError(f"{message} in this shallow clone", hint=_DEEPEN)
    return InputError(message, hint="Fetch it first, or name one that `git branch -a` lists.")


def _has_commits(git: GitProcess) -> bool:
    try:
        return bool(git.line("rev-list", "--all", "--max-count=1"))
    except GitFailed:
        return True


def _two_revisions(rev: str) -> str:
    # `...` asks for the merge base, which `compare` takes by itself; `..` for the two as they are.
    symmetric = "..." in rev
    old, _, new = rev.partition("..." if symmetric else "..")
    direct = "" if symmetric else ", with `--direct` for what differs between these two themselves"
    return f"Name one commit. To compare two: `compare {old or 'HEAD'} {new or 'HEAD'}`{direct}."


def _experiments(git: GitProcess, name: str) -> list[str]:
    """Return the refs of the experiments of DVC with this name, at most three."""
    try:
        refs = git.line("for-each-ref", f"--count={limits.NAMES}", "--format=%(refname)", _EXPS)
    except GitFailed:
        return []
    # refs/exps/ab/cdef…/NAME: the commit that it began at, and its name.
    return [ref for ref in refs.splitlines() if ref.split("/", 4)[4:] == [name]][:3]


def _names(git: GitProcess) -> Iterator[tuple[str, str]]:
    # Pairs of the name that the user may have meant, and the name that Git accepts.
    refs = ("refs/heads", "refs/tags", "refs/remotes", _EXPS)
    count = f"--count={limits.NAMES}"
    for ref in git.line("for-each-ref", count, "--format=%(refname)", *refs).splitlines():
        _, kind, name = ref.split("/", 2)
        if name.endswith("/HEAD"):
            continue
        if kind == "exps":
            # As in `_experiments`.
            for experiment in name.split("/", 2)[2:]:
                yield experiment, experiment
            continue
        yield name, name
        if kind == "remotes" and "/" in name:
            yield name.split("/", 1)[1], name


def _near(rev: str, names: Iterator[tuple[str, str]]) -> list[str]:
    meant: dict[str, str] = {}
    for written, name in names:
        meant.setdefault(written, name)
    close = closest_matches(rev, meant, 3)
    return list(dict.fromkeys(meant[written] for written in close))


def merge_base(git: GitProcess, a: str, b: str, shallow: bool) -> str:
    """Return the best common ancestor of two commits. Raises `InputError` without one."""
    try:
        return git.line("merge-base", a, b).split("\n", 1)[0]
    except GitFailed as error:
        message = f"no merge base of {a[:7]} and {b[:7]}"
        if error.status != 1:
            message = f"{message}: {error.message}"
        if shallow:
            raise InputError(f"{message} in this shallow clone", hint=_DEEPEN) from error
        if error.status != 1:
            raise InputError(message, hint="Check the repository with `git fsck`.") from error
        raise InputError(
            f"{message}: their histories are unrelated",
            hint="Pass --direct to compare the two commits themselves.",
        ) from error


def is_ancestor(git: GitProcess, older: str, newer: str) -> bool:
    """Return whether `older` is in the history of `newer`, as far as the clone has it."""
    try:
        git.run("merge-base", "--is-ancestor", older, newer)
    except GitFailed:
        return False
    return True


def default_branch(git: GitProcess, bare: bool) -> str | None:
    """Return the branch that changes are merged into, as a revision; `None` if unknown.

    In this order: `origin/HEAD`, the `HEAD` of a bare repository, Git's setting
    `init.defaultBranch`, `main`, `master`. For the last three, the remote's branch comes before
    the local one.
    """
    found = _line(git, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if found:
        return found
    wanted = [_line(git, "symbolic-ref", "--quiet", "--short", "HEAD")] if bare else []
    wanted += [_line(git, "config", "--get", "init.defaultBranch"), "main", "master"]
    there = set(_line(git, "for-each-ref", "--format=%(refname)").splitlines())
    for name in wanted:
        for prefix, short in (("refs/remotes/origin/", f"origin/{name}"), ("refs/heads/", name)):
            if name and prefix + name in there:
                return prefix + name if f"refs/tags/{short}" in there else short
    return None


def branch_names(git: GitProcess, commit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return all branches, and those that hold a commit, sorted; without the name of the remote.

    They are those of `origin`, and the local ones only if it has none: a local branch can be ahead
    of the one that others see.
    """
    places = ("refs/remotes/origin/", "refs/heads/")
    known = _line(git, "for-each-ref", "--format=%(refname)", *places).split("\n")
    holding = _line(git, "for-each-ref", f"--contains={commit}", "--format=%(refname)", *places)
    prefix = next((item for item in places if any(ref.startswith(item) for ref in known)), "")
    return _below(prefix, known), _below(prefix, holding.split("\n"))


def _below(prefix: str, refs: list[str]) -> tuple[str, ...]:
    names = {ref.removeprefix(prefix) for ref in refs if ref and ref.startswith(prefix)}
    return tuple(sorted(names - {"HEAD"}))


def _line(git: GitProcess, *args: str) -> str:
    try:
        return git.line(*args)
    except GitFailed:
        return ""
