"""What is no revision, or more than one, gets a hint that fits."""

import pytest

from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from tests.support.git_repo import GitRepo


@pytest.mark.parametrize(
    ("rev", "message", "hint"),
    [
        ("main..side", "main..side is a range, not a commit", "`compare main side`, with `--dir"),
        ("main...side", "main...side is a range, not a commit", "`compare main side`."),
        ("main..", "main.. is a range, not a commit", "`compare main HEAD`, with"),
        ("..side", "..side is a range, not a commit", "`compare HEAD side`, with"),
        ("my-exp", "my-exp names 2 experiments", "refs/exps/{}/my-exp"),
        ("other", "unknown revision other", "`git branch -a` lists."),
        ("exps", "unknown revision exps", "Did you mean my-exp?"),
        ("mian", "unknown revision mian", "Did you mean main?"),
    ],
)
def test_the_hint_fits_the_name(git_repo: GitRepo, rev: str, message: str, hint: str) -> None:
    commit = git_repo.commit("base")
    git_repo.git("branch", "side")
    began = f"{commit[:2]}/{commit[2:]}"
    # As `dvc exp run -n my-exp` names it.
    git_repo.git("update-ref", f"refs/exps/{began}/my-exp", commit)
    git_repo.git("update-ref", f"refs/exps/ab/{'c' * 38}/my-exp", commit)
    repository = open_repository(git_repo.path)
    with pytest.raises(InputError) as caught:
        repository.resolve(rev)
    assert caught.value.message == message
    assert hint.format(began) in caught.value.hint
    assert repository.resolve(f"refs/exps/{began}/my-exp") == commit


@pytest.fixture
def twice_named(git_repo: GitRepo) -> GitRepo:
    """A repository whose refs have the names of others, on another commit."""
    old = git_repo.commit("old")
    new = git_repo.commit("new")
    git_repo.git("config", "core.warnAmbiguousRefs", "false")
    for ref in ("heads/main", "remotes/origin/main", "heads/HEADER"):
        git_repo.git("update-ref", f"refs/{ref}", new)
    for name in ("main", "origin/main", "HEADER", "HEAD", "refs/heads/main", "v1"):
        git_repo.git("update-ref", f"refs/tags/{name}", old)
    git_repo.git("update-ref", f"refs/heads/{old[:7]}", new)
    return git_repo


@pytest.mark.parametrize(
    ("rev", "message"),
    [
        ("main", "main is ambiguous: it names refs/heads/main and refs/tags/main"),
        ("main~0", "main is ambiguous: it names refs/heads/main and refs/tags/main"),
        ("HEADER", "HEADER is ambiguous: it names refs/heads/HEADER and refs/tags/HEADER"),
        (
            "origin/main",
            "origin/main is ambiguous: it names refs/remotes/origin/main and refs/tags/origin/main",
        ),
        ("{id}", "{id} is ambiguous: it names refs/heads/{id} and a commit by its id"),
    ],
)
def test_a_name_of_two_refs_is_refused(twice_named: GitRepo, rev: str, message: str) -> None:
    """Git takes the tag, which people who may not push to the branch may have pushed."""
    short = twice_named.git("rev-parse", "HEAD~1")[:7]
    with pytest.raises(InputError) as caught:
        open_repository(twice_named.path).resolve(rev.format(id=short))
    assert caught.value.message == message.format(id=short)


@pytest.mark.parametrize(
    ("rev", "is_new"),
    [
        ("HEAD", True),
        ("@", True),
        ("HEAD~1", False),
        ("refs/heads/main", True),
        ("refs/tags/main", False),
        ("refs/remotes/origin/main", True),
        ("v1", False),
    ],
)
def test_a_name_in_full_is_not(twice_named: GitRepo, rev: str, is_new: bool) -> None:
    wanted = twice_named.git("rev-parse", "refs/heads/main" if is_new else "refs/heads/main~1")
    assert open_repository(twice_named.path).resolve(rev) == wanted


def test_the_default_branch_is_no_tag(twice_named: GitRepo) -> None:
    repository = open_repository(twice_named.path)
    assert repository.default_branch() == "refs/remotes/origin/main"
    wanted = twice_named.git("rev-parse", "refs/heads/main")
    assert repository.resolve(repository.default_branch() or "") == wanted
