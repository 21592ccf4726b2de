"""`lineage-diff lint`: the rules of one commit on the files on disk, and on what is staged."""

import os
from pathlib import Path

import pytest

from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.cli.main import main
from lineage_diff.config.loader import PATHS
from tests.support.git_repo import GitRepo
from tests.support.projects import CYCLE, PIPELINE, project

TWICE = PIPELINE + "  train:\n    cmd: again\n"


def found(repo: GitRepo, *, staged: bool = False, files: tuple[str, ...] = ()) -> list[str]:
    report = lint(LintRequest(repo.path, files, staged)).report
    return [f"{item.rule} {item.file}:{item.line}" for item in report.findings]


def test_staged_content_counts_and_not_the_file_on_disk(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", TWICE)
    assert found(git_repo) == ["duplicate-key dvc.yaml:8"]
    assert found(git_repo, staged=True) == []
    git_repo.git("add", "dvc.yaml")
    git_repo.write("dvc.yaml", PIPELINE)
    assert found(git_repo) == []
    assert found(git_repo, staged=True) == ["duplicate-key dvc.yaml:8"]


def test_an_untracked_file_counts_and_an_ignored_one_does_not(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.write("new/dvc.yaml", CYCLE)
    git_repo.write("out/dvc.yaml", CYCLE)
    git_repo.write(".gitignore", "/out\n")
    assert {item.partition(":")[0] for item in found(git_repo) if "cycle" in item} == {
        "cycle new/dvc.yaml"
    }
    assert found(git_repo, staged=True) == []


def test_the_index_that_a_hook_is_given_counts(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", TWICE)
    other = git_repo.path / ".git" / "other-index"
    other.write_bytes((git_repo.path / ".git" / "index").read_bytes())
    git_repo.git("add", "dvc.yaml")
    monkeypatch.chdir(git_repo.path)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    assert found(git_repo, staged=True) == []
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert found(git_repo, staged=True) == ["duplicate-key dvc.yaml:8"]


def test_each_finding_is_shown_in_the_terminal(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        git_repo.write(f"{name}/dvc.yaml", "stages:\n  train:\n    cmd: x\n    outs: [model.pkl]\n")
    git_repo.write(".dvc/config", "")
    git_repo.commit()
    assert main(["lint", "--repo", str(git_repo.path)]) == 0
    shown = capsys.readouterr().out
    assert "unlocked-stage" in shown
    assert "one/dvc.yaml" in shown
    assert "two/dvc.yaml" in shown


def test_files_narrow_what_is_reported(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    git_repo.write("dvc.yaml", TWICE)
    git_repo.write("sub/dvc.yaml", TWICE)
    monkeypatch.chdir(git_repo.path / "sub")
    assert main(["lint", "dvc.yaml", "--format", "annotations"]) == 2
    assert capsys.readouterr().out.count("::error file=sub/dvc.yaml,line=8,") == 1
    assert main(["lint", "../train.py"]) == 0


@pytest.mark.parametrize("staged", [False, True])
def test_no_link_is_followed_out_of_the_repository(
    git_repo: GitRepo, tmp_path: Path, staged: bool
) -> None:
    project(git_repo)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "dvc.yaml").write_text("SECRET: [\n")
    git_repo.symlink("linked/dvc.yaml", "../../outside/dvc.yaml")
    git_repo.symlink("absolute/dvc.yaml", str(outside / "dvc.yaml"))
    git_repo.write("inner/dvc.yaml", PIPELINE)
    git_repo.git("add", "-A")
    # A folder that Git tracks becomes a link to one outside.
    (git_repo.path / "inner" / "dvc.yaml").unlink()
    (git_repo.path / "inner").rmdir()
    git_repo.symlink("inner", "../outside")
    report = lint(LintRequest(git_repo.path, staged=staged)).report
    assert not [item for item in report.findings if "SECRET" in item.message]
    told = {item.file for item in report.findings if item.rule == "invalid-pipeline"}
    assert told == {"absolute/dvc.yaml", "linked/dvc.yaml"}


def test_a_pipe_and_a_file_that_is_gone_are_left_out(git_repo: GitRepo) -> None:
    project(git_repo)
    git_repo.remove("train.py")
    os.mkfifo(git_repo.path / "train.py")
    assert found(git_repo) == ["missing-dep dvc.yaml:2"]


def test_a_bare_repository_is_refused(
    git_repo: GitRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    git_repo.clone(tmp_path / "bare", "--bare")
    assert main(["lint", "--repo", str(tmp_path / "bare")]) == 2
    assert "no files on disk" in capsys.readouterr().err


@pytest.mark.parametrize(
    "patterns",
    [
        ("--no-cone", "/dvc.yaml", "/.dvc"),
        ("--no-cone", "/dvc.lock"),
        ("--no-cone", "/code"),
        ("--no-cone", "/*"),
        ("--no-cone", "/*", "!/.github/", "!.dvcignore", "!.gitignore"),
        ("--no-cone", "/nothing"),
        ("--cone", "code"),
        ("--cone", "data"),
        ("--cone", "--sparse-index", "data"),
        ("--cone", "--sparse-index", ".dvc"),
    ],
)
def test_what_a_sparse_checkout_leaves_out_is_read_from_the_index(
    git_repo: GitRepo, tmp_path: Path, patterns: tuple[str, ...]
) -> None:
    project(git_repo)
    git_repo.write("code/dvc.yaml", PIPELINE.replace("train.py", "../train.py"))
    for name in ("hidden", "quiet"):
        git_repo.write(f"{name}/dvc.yaml", PIPELINE.replace("train.py", "../train.py"))
    git_repo.write(".dvcignore", "/hidden\n")
    git_repo.write("data/.gitignore", "*.csv\n")
    git_repo.write(
        PATHS[0], "silence:\n- {rule: unlocked-stage, path: quiet/dvc.yaml, reason: known}\n"
    )
    git_repo.commit("other pipelines")
    clone = git_repo.clone(tmp_path / "sparse")
    clone.git("sparse-checkout", "set", *patterns)
    assert found(clone) == found(git_repo) == found(clone, staged=True)
    named = [item.split(" ")[1].partition("/")[0] for item in found(clone)]
    assert named == ["code"], found(clone)


@pytest.mark.parametrize("staged", [[], ["--staged"]])
def test_what_neither_the_disk_nor_the_clone_has_is_no_clean_answer(
    git_repo: GitRepo, tmp_path: Path, staged: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    git_repo.write("code/dvc.yaml", CYCLE)
    git_repo.commit("another pipeline")
    git_repo.git("config", "uploadpack.allowFilter", "true")
    clone = git_repo.clone(tmp_path / "sparse", "--filter=blob:none", "--sparse")
    assert main(["lint", "--repo", str(clone.path), *staged]) == 2
    assert "code/dvc.yaml" in capsys.readouterr().out


def test_a_deleted_file_is_gone_in_a_sparse_checkout_too(git_repo: GitRepo, tmp_path: Path) -> None:
    project(git_repo)
    clone = git_repo.clone(tmp_path / "sparse")
    clone.git("sparse-checkout", "set", "--no-cone", "/*", "!/dvc.lock")
    assert found(clone) == []
    clone.remove("train.py")
    assert found(clone) == ["missing-dep dvc.yaml:2"]


@pytest.mark.parametrize(("output", "errors"), [([], 0), (["--format", "json"], 1)])
def test_an_unreadable_file_is_reported_once(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str], output: list[str], errors: int
) -> None:
    project(git_repo)
    git_repo.write("x/dvc.yaml", "stages: [\n")
    assert main(["lint", "--repo", str(git_repo.path), *output]) == 2
    done = capsys.readouterr()
    assert "not valid YAML" in done.out
    assert done.err.count("not valid YAML") == errors
