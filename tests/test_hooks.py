"""The hooks, through the real pre-commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.git_repo import GitRepo, git_environment
from tests.support.projects import PIPELINE, project

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def run(repo: GitRepo, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository with this environment's programs on PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = git_environment() | {"PATH": path, "PRE_COMMIT_HOME": str(home)}
    return subprocess.run(
        arguments, cwd=repo.path, capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture
def hooked(git_repo: GitRepo, tmp_path: Path) -> tuple[GitRepo, Path]:
    """Make a repository whose hooks are those of the manifest, run in this environment."""
    project(git_repo)
    # An environment of its own, as `language: python` makes it, would take minutes and a network.
    hooks = [hook | {"language": "system"} for hook in HOOKS.values()]
    for hook in hooks:
        del hook["minimum_pre_commit_version"]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    git_repo.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    git_repo.commit("hooks")
    home = tmp_path / "home"
    for stage in ("pre-commit", "pre-push"):
        done = run(git_repo, home, sys.executable, "-m", "pre_commit", "install", "-t", stage)
        assert done.returncode == 0, done.stdout + done.stderr
    return git_repo, home


def test_the_manifest_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert set(HOOKS) == {"lineage-diff-lint", "lineage-diff-status", "lineage-diff-pushed"}


def test_the_hooks_without_an_environment_in_the_docs_run_as_those_of_the_manifest() -> None:
    page = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    _, *blocks = page.split("```yaml\n")
    local = yaml.safe_load(blocks[1].partition("```")[0])["repos"][0]["hooks"]
    assert {hook["id"] for hook in local} == set(HOOKS)
    for hook in local:
        for key in ("entry", "pass_filenames", "files", "always_run"):
            assert hook.get(key) == HOOKS[hook["id"]].get(key), key


def test_a_bad_pipeline_cannot_be_committed(hooked: tuple[GitRepo, Path]) -> None:
    repo, home = hooked
    repo.write("dvc.yaml", PIPELINE + "  train:\n    cmd: again\n")
    repo.git("add", "dvc.yaml")
    repo.write("dvc.yaml", PIPELINE)
    done = run(repo, home, "git", "commit", "-m", "bad")
    assert done.returncode == 1
    assert "duplicate-key" in done.stdout + done.stderr
    assert "dvc.yaml:8" in done.stdout + done.stderr
    assert repo.git("log", "-1", "--format=%s") == "hooks"
    repo.git("add", "dvc.yaml")
    repo.write("readme.yml", "a: 1\n")
    repo.git("add", "readme.yml")
    done = run(repo, home, "git", "commit", "-m", "good")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_model_cannot_be_pushed(hooked: tuple[GitRepo, Path], tmp_path: Path) -> None:
    repo, home = hooked
    repo.clone(tmp_path / "bare", "--bare")
    repo.git("remote", "add", "origin", str(tmp_path / "bare"))
    repo.write("train.py", "print(2)\n")
    repo.git("add", "train.py")
    repo.git("commit", "-q", "--no-verify", "-m", "edit")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 1
    assert "stale-model" in done.stdout + done.stderr
    repo.write("train.py", "print(1)\n")
    repo.git("add", "train.py")
    repo.git("commit", "-q", "--no-verify", "-m", "undo")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_version_that_the_remote_lacks_cannot_be_pushed(
    hooked: tuple[GitRepo, Path], tmp_path: Path
) -> None:
    repo, home = hooked
    (tmp_path / "store").mkdir()
    settings = f"[core]\nremote = s\n['remote \"s\"']\nurl = {tmp_path / 'store'}\n"
    repo.write(".dvc/config", settings)
    repo.clone(tmp_path / "bare", "--bare")
    repo.git("remote", "add", "origin", str(tmp_path / "bare"))
    repo.git("commit", "-q", "-a", "--no-verify", "-m", "a remote")
    repo.git("push", "-q", "--no-verify", "origin", "main")
    # What the remote lacked before is not what this push introduces.
    repo.write("note", "1")
    repo.git("add", "note")
    repo.git("commit", "-q", "--no-verify", "-m", "nothing of DVC")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    value = "9b1d" * 8
    lock = yaml.safe_load((repo.path / "dvc.lock").read_text(encoding="utf-8"))
    lock["stages"]["train"]["outs"][0]["md5"] = value
    repo.write("dvc.lock", yaml.safe_dump(lock))
    repo.git("commit", "-q", "-a", "--no-verify", "-m", "a model")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 1
    assert "not-pushed" in done.stdout + done.stderr
    stored = tmp_path / "store/files/md5" / value[:2] / value[2:]
    stored.parent.mkdir(parents=True)
    stored.touch()
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr


STALE, FRESH = "print(2)\n", "print(1)\n"


@pytest.mark.parametrize(
    ("checked_out", "pushed", "args", "code"),
    [
        ("fresh", "stale", ("stale",), 1),
        ("stale", "fresh", ("fresh",), 0),
        ("fresh", "stale", ("stale:refs/heads/other",), 1),
        ("stale", "fresh", ("fresh~0:refs/heads/other",), 0),
        ("fresh", "stale", ("refs/tags/v-stale",), 1),
        ("stale", "fresh", ("refs/tags/v-fresh",), 0),
        ("stale", "fresh", ("stale~1:refs/heads/other",), 0),
        ("stale", "stale", ("HEAD",), 1),
        ("stale", "nothing", ("--delete", "main"), 0),
    ],
)
@pytest.mark.parametrize("remote", ["new", "has main"])
def test_what_is_pushed_counts_and_not_what_is_checked_out(
    hooked: tuple[GitRepo, Path],
    tmp_path: Path,
    remote: str,
    checked_out: str,
    pushed: str,
    args: tuple[str, ...],
    code: int,
) -> None:
    repo, home = hooked
    bare = GitRepo(tmp_path / "bare")
    bare.git("checkout", "-q", "-b", "nothing-here")
    repo.git("remote", "add", "origin", str(bare.path))
    if remote == "has main" or "main" in args:
        repo.git("push", "-q", "--no-verify", "origin", "main")
    for name, code_of_model in (("fresh", FRESH), ("stale", STALE)):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.write("train.py", code_of_model)
        repo.write("note", name)
        repo.git("add", ".")
        repo.git("commit", "-q", "--no-verify", "-m", name)
        repo.git("tag", "-a", "-m", name, f"v-{name}")
    repo.git("checkout", "-q", checked_out)
    done = run(repo, home, "git", "push", "origin", *args)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("stale-model" in done.stdout + done.stderr) == (pushed == "stale")


def test_without_a_push_the_checkout_counts(hooked: tuple[GitRepo, Path]) -> None:
    repo, home = hooked
    hook = (sys.executable, "-m", "pre_commit", "run", "--hook-stage", "manual", "--all-files")
    assert run(repo, home, *hook).returncode == 0
    repo.write("train.py", STALE)
    repo.git("add", "train.py")
    repo.git("commit", "-q", "--no-verify", "-m", "edit")
    assert run(repo, home, *hook).returncode == 1


def test_a_revision_and_a_push_are_one_too_many(git_repo: GitRepo) -> None:
    project(git_repo)
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff", "status", "HEAD", "--pushed"],
        cwd=git_repo.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Leave out --pushed, or the revision." in done.stderr
