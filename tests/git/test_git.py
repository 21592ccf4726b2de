import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineage_diff import limits
from lineage_diff.child_processes import start_child
from lineage_diff.errors import InputError
from lineage_diff.git import process
from lineage_diff.git.process import GitProcess
from lineage_diff.git.repository import open_repository
from tests.support.git_repo import GitRepo


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def _refused(call: object, *args: str) -> InputError:
    with pytest.raises(InputError) as caught:
        call(*args)  # type: ignore[operator]
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


class TestOpen:
    def test_folder_of_any_kind(self, git_repo: GitRepo, tmp_path: Path) -> None:
        git_repo.write("sub/folder/file", "text")
        commit = git_repo.commit()
        bare, worktree, link = tmp_path / "bare", tmp_path / "worktree", tmp_path / "link"
        git_repo.git("clone", "-q", "--bare", ".", str(bare))
        git_repo.git("worktree", "add", "-q", str(worktree), "-b", "side")
        link.symlink_to(git_repo.path)
        for path in (git_repo.path, git_repo.path / "sub/folder", bare, worktree, link):
            repository = open_repository(path)
            assert repository.head() == commit
            assert repository.snapshot(commit).read("sub/folder/file") == b"text"

    def test_no_repository(self, tmp_path: Path) -> None:
        assert _refused(open_repository, str(tmp_path)).message == "not a Git repository"

    def test_no_folder(self, tmp_path: Path) -> None:
        assert _refused(open_repository, str(tmp_path / "none")).message == "no such folder"

    def test_no_commits(self, git_repo: GitRepo) -> None:
        error = _refused(open_repository(git_repo.path).head)
        assert error.message == "the repository has no commits yet"

    def test_broken_settings(self, git_repo: GitRepo) -> None:
        git_repo.commit()
        with (git_repo.path / ".git/config").open("a") as config:
            config.write("[broken\n")
        assert "bad config line" in _refused(open_repository, str(git_repo.path)).message

    def test_git_not_installed(self, git_repo: GitRepo, tmp_path: Path) -> None:
        code = (
            "import sys\n"
            "from lineage_diff.errors import InputError\n"
            "from lineage_diff.git.repository import open_repository\n"
            "try: open_repository(sys.argv[1])\n"
            "except InputError as error: print(error)\n"
        )
        run = subprocess.run(
            (sys.executable, "-c", code, str(git_repo.path)),
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.startswith("Git is not installed. Install Git")

    def test_git_dir_of_a_hook_is_not_taken(
        self, git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit = git_repo.commit()
        other = GitRepo(tmp_path / "other")
        other.commit("another")
        monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
        assert open_repository(git_repo.path).head() == commit

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
    def test_repository_of_another_owner(self, git_repo: GitRepo) -> None:
        git_repo.write("file", "text")
        commit = git_repo.commit()
        for path in (git_repo.path, *git_repo.path.rglob("*")):
            os.chown(path, 12345, 12345)
        with pytest.raises(AssertionError, match="dubious ownership"):
            git_repo.git("rev-parse", "HEAD")
        repository = open_repository(git_repo.path)
        assert repository.head() == commit
        assert repository.snapshot(commit).read("file") == b"text"


class TestResolve:
    @pytest.mark.parametrize("rev", ["main", "HEAD", "v1", "heads/main", "main^{/message}", "@"])
    def test_what_names_the_commit(self, git_repo: GitRepo, rev: str) -> None:
        commit = git_repo.commit("message")
        git_repo.git("tag", "-a", "-m", "annotated", "v1")
        repository = open_repository(git_repo.path)
        assert repository.resolve(rev) == commit
        assert repository.resolve(commit[:8]) == commit

    @pytest.mark.parametrize("rev", ["", "-h", "--all", "^main", "--exec=touch x", "a\nb", "a\0b"])
    def test_what_is_no_revision(self, git_repo: GitRepo, rev: str) -> None:
        git_repo.commit()
        assert "is not a revision" in _refused(open_repository(git_repo.path).resolve, rev).message

    @pytest.mark.parametrize("rev", ["main main", "main:none", "$(id)"])
    def test_what_names_nothing(self, git_repo: GitRepo, rev: str) -> None:
        git_repo.commit()
        error = _refused(open_repository(git_repo.path).resolve, rev)
        assert error.message == f"unknown revision {rev}"

    def test_branch_that_reads_as_an_option_stays_reachable(self, git_repo: GitRepo) -> None:
        commit = git_repo.commit()
        git_repo.git("update-ref", "refs/heads/--all", commit)
        assert open_repository(git_repo.path).resolve("refs/heads/--all") == commit

    def test_near_names(self, git_repo: GitRepo, tmp_path: Path) -> None:
        git_repo.commit()
        git_repo.git("branch", "feature/training")
        git_repo.git("tag", "release-1.0")
        repository = open_repository(git_repo.path)
        for rev, near in (("fature/trainin", "feature/training"), ("release-1.1", "release-1.0")):
            assert near in _refused(repository.resolve, rev).hint
        clone = git_repo.clone(tmp_path / "clone")
        error = _refused(open_repository(clone.path).resolve, "feature/training")
        assert error.hint == "Did you mean origin/feature/training?"

    @pytest.mark.parametrize(("rev", "kind"), [("HEAD:file", "blob"), ("HEAD^{tree}", "tree")])
    def test_what_is_no_commit(self, git_repo: GitRepo, rev: str, kind: str) -> None:
        git_repo.write("file", "")
        git_repo.commit()
        error = _refused(open_repository(git_repo.path).resolve, rev)
        assert error.message == f"{rev} is a {kind}, not a commit"


class TestMergeBase:
    def test_of_two_branches(self, git_repo: GitRepo) -> None:
        base = git_repo.commit()
        git_repo.branch("feature")
        head = git_repo.commit("mine")
        git_repo.checkout("main")
        main = git_repo.commit("theirs")
        assert open_repository(git_repo.path).merge_base(main, head) == base

    def test_unrelated_histories(self, git_repo: GitRepo) -> None:
        a = git_repo.commit("a")
        git_repo.git("checkout", "-q", "--orphan", "other")
        b = git_repo.commit("b")
        error = _refused(open_repository(git_repo.path).merge_base, a, b)
        assert "unrelated" in error.message
        assert "--direct" in error.hint

    def test_shallow_clone(self, git_repo: GitRepo, tmp_path: Path) -> None:
        git_repo.commit()
        git_repo.branch("feature")
        head = git_repo.commit("mine")
        git_repo.checkout("main")
        old = git_repo.commit("theirs")
        main = git_repo.commit("theirs too")
        clone = git_repo.clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
        repository = open_repository(clone.path)
        assert repository.is_shallow
        error = _refused(repository.merge_base, main, head)
        assert "shallow" in error.message
        assert "`fetch-depth: 0`" in error.hint
        assert "`git fetch --unshallow`" in error.hint
        error = _refused(repository.resolve, old)
        assert "`fetch-depth: 0`" in error.hint
        clone.git("fetch", "-q", "--unshallow")
        assert not repository.is_shallow
        assert repository.resolve(old) == old


class TestDefaultBranch:
    def test_what_origin_says(self, git_repo: GitRepo, tmp_path: Path) -> None:
        git_repo.commit()
        git_repo.branch("trunk")
        clone = git_repo.clone(tmp_path / "clone")
        assert open_repository(clone.path).default_branch() == "origin/trunk"
        clone.git("remote", "set-head", "origin", "--delete")
        assert open_repository(clone.path).default_branch() == "origin/main"

    @pytest.mark.parametrize(
        ("branches", "setting", "expected"),
        [
            (("main", "master"), None, "main"),
            (("master",), None, "master"),
            (("main", "trunk"), "trunk", "trunk"),
            (("main",), "trunk", "main"),
            (("feature",), None, None),
        ],
    )
    def test_without_a_remote(
        self,
        git_repo: GitRepo,
        branches: tuple[str, ...],
        setting: str | None,
        expected: str | None,
    ) -> None:
        git_repo.git("checkout", "-q", "-b", "start")
        git_repo.commit()
        for branch in branches:
            git_repo.git("branch", branch)
        if setting:
            git_repo.git("config", "init.defaultBranch", setting)
        assert open_repository(git_repo.path).default_branch() == expected

    def test_bare_repository(self, git_repo: GitRepo, tmp_path: Path) -> None:
        git_repo.commit()
        git_repo.branch("trunk")
        git_repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
        assert open_repository(tmp_path / "bare").default_branch() == "trunk"


def test_remote_name(git_repo: GitRepo) -> None:
    assert open_repository(git_repo.path).remote_address() is None
    git_repo.git("remote", "add", "origin", "https://me:secret@github.com/owner/name.git")
    repository = open_repository(git_repo.path)
    address = repository.remote_address()
    assert address is not None
    assert address.id == "github.com/owner/name"
    assert repository.remote_server() == "https://github.com"


def test_partial_clone_is_not_asked_for_each_missing_blob(
    git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        git_repo.write(f"f{number}", str(number))
    commit = git_repo.commit()
    git_repo.git("config", "uploadpack.allowFilter", "true")
    clone = git_repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    started: list[tuple[str, ...]] = []
    start = GitProcess.start

    def counted(process: GitProcess, *args: str, **pipes: int) -> object:
        started.append(args)
        return start(process, *args, **pipes)

    repository = open_repository(clone.path)
    monkeypatch.setattr(GitProcess, "start", counted)
    snapshot = repository.snapshot(commit)
    oids = [entry.oid for entry in snapshot.files().values()]
    assert len(oids) == 30
    assert list(snapshot.read_oids(oids)) == []
    assert [args[:2] for args in started] == [
        ("ls-tree", "-r"),
        ("cat-file", "--batch"),
        ("cat-file", "--batch-all-objects"),
    ]


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_object_formats(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "repo"
    path.mkdir()
    subprocess.run(
        ("git", "init", "-q", "-b", "main", f"--object-format={format_}"), cwd=path, check=True
    )
    repo = GitRepo(path)
    base = repo.commit()
    repo.write("folder/file", "text")
    head = repo.commit()
    repository = open_repository(path)
    snapshot = repository.snapshot(repository.resolve("main"))
    assert snapshot.read("folder/file") == b"text"
    assert len(snapshot.files()["folder/file"].oid) == len(head)
    assert repository.touched(base, head) == {"folder/file": (head,)}


class TestUntrusted:
    def test_partial_clone_fetches_nothing(
        self, git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "BATCH", 4)
        for number in range(10):
            git_repo.write(f"data/f{number}", str(number))
        git_repo.write("top", "here")
        git_repo.symlink("link", "data/f1")
        commit = git_repo.commit()
        git_repo.git("config", "uploadpack.allowFilter", "true")
        git_repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
        clone = git_repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        clone.git("config", "protocol.file.allow", "always")
        top = git_repo.git("rev-parse", "HEAD:top")
        clone.git("cat-file", "-e", top)
        snapshot = open_repository(clone.path).snapshot(commit)
        oids = [entry.oid for entry in snapshot.files().values()]
        assert list(snapshot.read_oids(oids)) == [(top, b"here")]
        assert open_repository(clone.path).sizes(oids) == {top: 4}
        assert snapshot.read("top") == b"here"
        with pytest.raises(InputError, match=r"data/f1: object .* is not in this clone") as caught:
            snapshot.read("data/f1")
        assert "`git fetch --refetch --no-filter`" in caught.value.hint
        with pytest.raises(InputError, match="link: object"):
            snapshot.resolve("link")
        clone.git("fetch", "-q", "--refetch", "--no-filter")
        assert open_repository(clone.path).snapshot(commit).read("link") == b"1"

    def test_nothing_that_the_settings_name_is_run(self, git_repo: GitRepo, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        program = git_repo.write("../program", f"#!/bin/sh\ntouch {ran}\n", executable=True)
        git_repo.write("file.txt", "1")
        git_repo.write(".gitattributes", "* diff=evil filter=evil\n")
        base = git_repo.commit()
        git_repo.write("file.txt", "2")
        git_repo.commit()
        settings = (
            "core.fsmonitor", "core.pager", "pager.log", "diff.external", "diff.evil.command",
            "diff.evil.textconv", "filter.evil.smudge", "filter.evil.process", "gpg.program",
            "core.sshCommand", "core.askPass", "credential.helper", "core.alternateRefsCommand",
        )  # fmt: skip
        for setting in settings:
            git_repo.git("config", setting, str(program))
        git_repo.git("config", "log.showSignature", "true")
        hooks = git_repo.path / ".git/hooks"
        hooks.mkdir(exist_ok=True)
        for hook in ("post-index-change", "reference-transaction", "post-checkout"):
            shutil.copy(program, hooks / hook)
        # A signed commit, so that `log.showSignature` would call `gpg.program`.
        unsigned = git_repo.git("cat-file", "commit", "HEAD")
        header, _, message = unsigned.partition("\n\n")
        signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
        signed = git_repo.git(
            "hash-object", "-t", "commit", "-w", "--stdin",
            stdin=f"{header}\n{signature}\n\n{message}\n".encode(),
        )  # fmt: skip
        ran.unlink(missing_ok=True)
        repository = open_repository(git_repo.path)
        head = repository.resolve(signed)
        assert repository.touched(base, head) == {"file.txt": (signed,)}
        assert repository.merge_base(base, head) == base
        assert repository.snapshot(head).read("file.txt") == b"2"
        repository.default_branch()
        repository.remote_address()
        assert not ran.exists()

    def test_replaced_objects_are_not_taken(self, git_repo: GitRepo) -> None:
        git_repo.write("file", "true")
        commit = git_repo.commit()
        oid = git_repo.git("rev-parse", "HEAD:file")
        fake = git_repo.git("hash-object", "-w", "--stdin", stdin=b"fake")
        git_repo.git("replace", oid, fake)
        assert open_repository(git_repo.path).snapshot(commit).read("file") == b"true"


def test_an_answer_that_nobody_asks_for_leaves_nothing_open(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repo.commit()
    started: list[subprocess.Popen[bytes]] = []

    def start(*args: Any, **options: Any) -> "subprocess.Popen[bytes]":
        started.append(start_child(*args, **options))
        return started[-1]

    monkeypatch.setattr(process, "start_child", start)
    git = open_repository(git_repo.path).git
    started.clear()
    git.start_up_to("log")
    (child,) = started
    assert child.stdout
    assert child.stdout.closed
    assert child.returncode is not None
