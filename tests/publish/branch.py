"""A branch at the stand-in, and runs that publish what it leaves stale, without waiting."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.github.issues.publish import publish_issue
from lineage_diff.forge.publication import Issue, IssueTarget, Published, RunAttempt
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer
from tests.support.github.records import Issue as There
from tests.support.github.state import ACTIONS_BOT

NAME = "octo/models"
State = Literal["stale", "unknown", "fresh"]


@dataclass
class Branch:
    """A repository whose default branch may have any of three `commits` as its tip."""

    server: GitHubServer
    repo: GitRepo
    commits: tuple[str, ...]
    tokens: dict[str, str] = field(default_factory=dict)

    def push(self, number: int) -> None:
        self.repo.git("update-ref", "refs/heads/main", self.commits[number])

    def token(self, name: str = "bot") -> str:
        if name not in self.tokens:
            self.tokens[name] = self.server.token(contents="read", issues="write")
        return self.tokens[name]

    def github(self, token: str | None = None) -> GitHub:
        def sleep(seconds: float) -> None:
            self.server.state.pass_time(seconds)

        def clock() -> float:
            return self.server.state.pass_time(0).timestamp()

        return connect(token or self.token(), self.server.api_url, sleep=sleep, clock=clock)

    def publish(
        self,
        number: int,
        state: State,
        run: int = 1,
        token: str | None = None,
        github: GitHub | None = None,
    ) -> Published:
        target = IssueTarget(NAME, "main", self.commits[number], "lineage-diff", RunAttempt(run, 1))
        return publish_issue(github or self.github(token), target, issue(number, state))

    def ours(self, state: str = "open") -> list[There]:
        found = self.server.state.issues_of(NAME)
        return [one for one in found if one.user.login == ACTIONS_BOT and one.state == state]

    def start_again(self, *there: State) -> None:
        """Have the first commit as the tip, and an open issue on it, or none."""
        state = self.server.state
        state.issues.clear()
        state.reactions.clear()
        self.server.faults.clear()
        self.push(0)
        for one in there:
            self.publish(0, one)


def issue(number: int, state: State) -> Issue:
    return Issue(state, f"Number {number} is {state}", f"About {number}: {state}\n")


def make_branch(folder: Path, server: GitHubServer) -> Branch:
    repo = GitRepo(folder)
    commits = []
    for number in range(3):
        repo.write("a.txt", str(number))
        commits.append(repo.commit(f"Number {number}"))
    server.state.add_repository(NAME, git=repo.path)
    branch = Branch(server, repo, tuple(commits))
    branch.push(0)
    return branch
