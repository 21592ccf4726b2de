"""A pull request on GitHub, and a workspace in which a step looks at it."""

from pathlib import Path

from tests.action.payloads import FORK, HOME
from tests.action.runner import Done, Runner
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, pull_request_event
from tests.support.github.records import Pull
from tests.support.projects import DEP_TWO, LOCK, project


class Scene:
    """A repository on GitHub with a pull request that leaves a model stale, and its checkout."""

    def __init__(self, tmp_path: Path, github: GitHubServer, *, private: bool = False) -> None:
        self.github = github
        self.folder = tmp_path
        self.origin = GitRepo(tmp_path / "origin")
        self.base = project(self.origin)
        self.origin.branch("more-data")
        self.head = self.stale()
        self.origin.checkout("main")
        github.state.add_repository(HOME, git=self.origin.path, private=private)
        self.checkout = self.origin.clone(tmp_path / "workspace")
        self.runner = Runner(self.checkout.path, tmp_path / "runs", github)
        self.runner.token = github.token(contents="write", pull_requests="write", checks="write")

    def stale(self) -> str:
        self.origin.write("train.py", "print(2)\n")
        return self.origin.commit("edit the script")

    def retrained(self) -> str:
        self.origin.write("train.py", "print(2)\n")
        self.origin.write("dvc.lock", LOCK.format(dep=DEP_TWO, out="3" * 32))
        return self.origin.commit("and train")

    def pull(self, head: str | None = None) -> Pull:
        return self.github.state.add_pull(
            HOME, head_sha=head or self.head, head_branch="more-data", base_sha=self.base, number=7
        )

    def pull_of_fork(self) -> Pull:
        """Return a pull request from a fork, in which somebody edited the script."""
        fork = self.origin.clone(self.folder / "fork", "--branch=more-data")
        fork.write("train.py", "print(3)\n")
        head = fork.commit("from outside")
        self.github.state.add_repository(FORK, git=fork.path, fork_of=HOME)
        return self.github.state.add_pull(
            HOME, head_sha=head, head_repository=FORK, base_sha=self.base, number=7
        )

    def comments(self) -> list[str]:
        return [comment.body for comment in self.github.state.comments_of(HOME, 7)]

    def look(self, pull: Pull | None = None, **inputs: str) -> Done:
        """Run the step on a pull request."""
        payload = pull_request_event(self.github, pull or self.pull())
        return self.runner.step("pull_request", payload, **inputs)
