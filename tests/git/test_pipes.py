"""Git waits when a pipe is full: nothing that it writes, and no small pipe, may hold us up."""

import fcntl
import sys
from pathlib import Path
from subprocess import Popen

import pytest

from lineage_diff import limits
from lineage_diff.git.process import BlobProcesses, GitProcess
from lineage_diff.history.past_values import blob_ids
from tests.support.git_repo import GitRepo

# More than a pipe holds.
MANY = 1500


def git_of(repo: GitRepo) -> GitProcess:
    return GitProcess(str(repo.path / ".git"))


@pytest.fixture
def small_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes of one page, as a user gets them who has many (`man 7 pipe`)."""
    if sys.platform != "linux":
        pytest.skip("the size of a pipe is set on Linux alone")
    starting = GitProcess.start

    def start(self: GitProcess, *args: str, **pipes: int) -> "Popen[bytes]":
        git = starting(self, *args, **pipes)
        for pipe in (git.stdin, git.stdout):
            if pipe is not None:
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, limits.PIPE_BYTES)
        return git

    monkeypatch.setattr(GitProcess, "start", start)


@pytest.mark.usefixtures("small_pipes")
@pytest.mark.timeout(60)
def test_blobs_and_paths_are_read_through_small_pipes(git_repo: GitRepo) -> None:
    files = {f"{'long/' * 40}{number}/f": f"{number} " * 2000 for number in range(200)}
    for path, text in files.items():
        git_repo.write(path, text)
    commit = git_repo.commit()
    found = blob_ids(git_of(git_repo), [(commit, path) for path in files])
    oids = [found[commit, path] for path in files]
    read = BlobProcesses(git_of(git_repo)).read(oids, limits.BLOB_BYTES)
    assert [content for _, content in read] == [text.encode() for text in files.values()]


@pytest.mark.timeout(60)
def test_errors_of_broken_objects_are_not_waited_for(git_repo: GitRepo) -> None:
    for number in range(MANY):
        git_repo.write(f"f{number}", str(number))
    git_repo.commit()
    oids = [line.split()[2] for line in git_repo.git("ls-tree", "-r", "HEAD").splitlines()]
    for oid in oids:
        broken = git_repo.path / ".git" / "objects" / oid[:2] / oid[2:]
        broken.chmod(0o644)
        broken.write_bytes(b"no object")
    read = BlobProcesses(git_of(git_repo)).read(oids, limits.BLOB_BYTES)
    assert {content for _, content in read} == {None}


@pytest.mark.timeout(60)
def test_warnings_of_broken_branches_are_not_waited_for(git_repo: GitRepo) -> None:
    git_repo.write("f", "text")
    commit = git_repo.commit()
    heads = Path(git_repo.path, ".git", "refs", "heads")
    for number in range(MANY):
        (heads / f"broken-{number:030}").write_text("no commit\n")
    listing = git_of(git_repo).run_up_to(1000, "for-each-ref", "--format=%(objectname)")
    assert listing == f"{commit}\n".encode()
