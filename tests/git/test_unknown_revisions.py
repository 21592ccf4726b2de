"""What is no revision gets a hint that fits."""

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
