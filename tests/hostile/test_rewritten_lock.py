"""A lock entry that a change writes and puts back was written by no run of this change."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile.heads import big_lock, compared, digest, found, lock, written
from tests.support.git_repo import GitRepo

Act = Callable[[GitRepo], Any]
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
OTHER = POINTER.replace("0" * 64, "1" * 64)
MODELS = {"model.pkl", "net.out"}


def saved(repo: GitRepo) -> str:
    repo.git("add", "-A", "-f")
    return repo.commit("Change")


def based(repo: GitRepo, act: Act) -> None:
    """Let the commit that wrote the lock have what `act` does."""
    act(repo)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "--amend", "-m", "Base")
    repo.git("branch", "-f", "main")


def pointer(repo: GitRepo) -> None:
    repo.write("data/raw.csv", POINTER)


def uncounted(repo: GitRepo) -> None:
    """Let the run have counted a file of the folder that Git ignores."""
    repo.write(".gitignore", "*.pyc\n")
    entry = r"(- path: src\n      hash: md5\n      md5: )\w+\.dir(\n.*?nfiles: )1"
    text, count = re.subn(entry, rf"\g<1>{'e' * 32}.dir\g<2>2", lock(), flags=re.DOTALL)
    assert count == 1
    repo.write("dvc.lock", text)


def other_result(repo: GitRepo) -> None:
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace("1" * 32, "7" * 32))


def without_lock(repo: GitRepo) -> None:
    repo.remove("dvc.lock")


def without_entry(repo: GitRepo) -> None:
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text[: text.index("  train:")])


def same(text: str) -> str:
    return text


def noted(text: str) -> str:
    return f"{text}# note\n"


def resized(text: str) -> str:
    return text.replace("size: 7", "size: 8")


def renamed(text: str) -> str:
    return text.replace("  train:", "  fit:")


@pytest.mark.parametrize(
    ("base", "edit"),
    [(pointer, written("data/raw.csv", OTHER)), (uncounted, written("src/a.py", "evil\n"))],
)
@pytest.mark.parametrize("away", [other_result, without_lock, without_entry])
@pytest.mark.parametrize("back", [same, noted, renamed, resized])
def test_an_entry_that_is_put_back_dates_no_input(
    repo: GitRepo, base: Act, edit: Act, away: Act, back: Callable[[str], str]
) -> None:
    based(repo, base)
    files = {name: (repo.path / name).read_text() for name in ("dvc.lock", "dvc.yaml")}
    away(repo)
    saved(repo)
    repo.write("dvc.lock", back(files["dvc.lock"]))
    if back is renamed:
        repo.write("dvc.yaml", renamed(files["dvc.yaml"]))
    status, report = compared(repo)
    assert not MODELS & {item["subject"] for item in report["findings"]}
    edit(repo)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "--amend", "-m", "Put it back, and edit an input")
    status, report = compared(repo)
    assert status == 1
    assert found(report, "stale-model").keys() == MODELS


def test_an_entry_of_another_root_dates_no_input(repo: GitRepo) -> None:
    based(repo, pointer)
    repo.git("checkout", "-q", "--orphan", "other")
    repo.write("data/raw.csv", OTHER)
    other = saved(repo)
    tree = repo.git("rev-parse", f"{other}^{{tree}}")
    merge = repo.git("commit-tree", tree, "-p", other, "-p", "main", "-m", "Merge")
    repo.git("checkout", "-q", "-B", "hostile", merge)
    status, report = compared(repo)
    assert status == 1
    assert found(report, "stale-model").keys() == MODELS


def test_nor_does_one_of_the_tip_where_the_change_began_without_it(repo: GitRepo) -> None:
    based(repo, pointer)
    other_result(repo)
    begin = saved(repo)
    text = (repo.path / "dvc.lock").read_text().replace("7" * 32, "1" * 32)
    repo.write("dvc.lock", text)
    repo.git("branch", "-f", "main", saved(repo))
    repo.git("checkout", "-q", "-B", "hostile", begin)
    repo.write("dvc.lock", noted(text))
    repo.write("data/raw.csv", OTHER)
    status, report = compared(repo)
    stale = found(report, "stale-model")
    assert status == 1
    assert stale.keys() == MODELS
    assert stale["model.pkl"]["severity"] == "error"


def other_command(repo: GitRepo) -> None:
    """Change the command in both files, as if that were a run."""
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        repo.write(file, text.replace("cmd: python train.py", "cmd: python -O train.py"))


def linked(repo: GitRepo) -> None:
    repo.remove("data/raw.csv")
    repo.symlink("data/raw.csv", "/usr/lib/x")


def renewed(repo: GitRepo) -> None:
    """Let the lock record another version of another input."""
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace("c" * 32, "d" * 32))


@pytest.mark.parametrize("edit", [pointer, linked])
@pytest.mark.parametrize("act", [other_command, other_result, renewed])
def test_another_part_of_an_entry_dates_no_input(repo: GitRepo, act: Act, edit: Act) -> None:
    act(repo)
    edit(repo)
    status, report = compared(repo)
    assert status == 1
    assert found(report, "freshness-lost").keys() >= MODELS


@pytest.mark.parametrize("act", [other_command, other_result, renewed])
def test_a_run_on_what_is_as_it_was_dates_it(repo: GitRepo, act: Act) -> None:
    based(repo, pointer)
    act(repo)
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost"), found(report, "stale-model")) == (0, {}, {})


def test_a_run_of_the_change_dates_its_inputs(repo: GitRepo) -> None:
    based(repo, pointer)
    repo.write("data/raw.csv", OTHER)
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace(digest("1,2\n"), "5" * 32).replace("1" * 32, "7" * 32))
    repo.write("big/dvc.lock", big_lock())
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {})
