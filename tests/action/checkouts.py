"""The checkouts that workflows make, each by the real Git."""

from collections.abc import Callable
from pathlib import Path

from lineage_diff.github_action.activity import NamedRev
from lineage_diff.github_action.checkout import Search
from tests.support.git_repo import GitRepo


def make_origin(path: Path) -> GitRepo:
    """Make a commit on main after the one that `more-data` starts from, and a tag."""
    repo = GitRepo(path)
    for number in range(3):
        repo.write("a.txt", str(number))
        repo.commit(f"main {number}")
    repo.git("tag", "-a", "-m", "A release", "v1")
    repo.branch("more-data", "main~1")
    repo.write("b.txt", "b")
    repo.commit("change")
    repo.checkout("main")
    return repo


def id_of(repo: GitRepo, rev: str) -> str:
    """Return the id of a commit."""
    return repo.git("rev-parse", f"{rev}^{{commit}}")


Checkout = Callable[[GitRepo, Path], GitRepo]


def full(origin: GitRepo, path: Path) -> GitRepo:
    """`fetch-depth: 0`: every branch is there, one is local."""
    clone = origin.clone(path)
    clone.git("checkout", "-q", "--detach", "origin/more-data")
    return clone


def merge_of_depth_one(origin: GitRepo, path: Path) -> GitRepo:
    """What actions/checkout makes of a pull request by default."""
    origin.git("checkout", "-q", "--detach", "main")
    merged = origin.merge("more-data")
    origin.git("update-ref", "refs/pull/7/merge", merged)
    origin.checkout("main")
    clone = GitRepo(path)
    clone.git("remote", "add", "origin", origin.path.as_uri())
    clone.git("fetch", "-q", "--depth=1", "origin", merged)
    clone.git("checkout", "-q", "--detach", merged)
    return clone


def base_of_depth_one(origin: GitRepo, path: Path) -> GitRepo:
    """What actions/checkout makes of `pull_request_target` by default."""
    return origin.clone(path, "--depth=1", "--branch=main")


def base_in_full(origin: GitRepo, path: Path) -> GitRepo:
    """`pull_request_target` with `fetch-depth: 0`: a fork's head is not there."""
    return origin.clone(path, "--single-branch", "--branch=main")


def without_blobs(origin: GitRepo, path: Path) -> GitRepo:
    """`filter: blob:none`, as `sparse-checkout` sets it."""
    origin.git("config", "uploadpack.allowFilter", "true")
    clone = origin.clone(path, "--filter=blob:none", "--no-checkout")
    clone.git("branch", "-q", "more-data", "origin/more-data")
    return clone


CHECKOUTS: tuple[Checkout, ...] = (
    full,
    merge_of_depth_one,
    base_of_depth_one,
    base_in_full,
    without_blobs,
)


def search(origin: GitRepo) -> Search:
    """Look for a pull request of `more-data` to main."""
    sides = (
        NamedRev(id_of(origin, "main"), "main"),
        NamedRev(id_of(origin, "more-data"), "more-data"),
    )
    return Search(sides, merge_base=True, pull_request=7)
