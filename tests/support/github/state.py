"""What the stand-in knows: users, repositories, pull requests, comments, checks, runs."""

import itertools
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.github.objects import ObjectStore
from tests.support.github.records import (
    Artifact,
    CheckRun,
    Comment,
    Issue,
    Pull,
    Reaction,
    Repository,
    Run,
    User,
)

ACTIONS_BOT = "github-actions[bot]"
_START = datetime(2026, 1, 1, tzinfo=UTC)


class State:
    """All that is stored, by id; every record is frozen and replaced as a whole.

    `lock` is held while a request acts. Ids count up over all kinds; each change is a second later
    than the one before. `collaborators` are pairs of a repository and a user's name."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.repositories: dict[str, Repository] = {}
        self.pulls: dict[tuple[str, int], Pull] = {}
        self.comments: dict[int, Comment] = {}
        self.issues: dict[int, Issue] = {}
        self.reactions: dict[int, Reaction] = {}
        self.check_runs: dict[int, CheckRun] = {}
        self.runs: dict[int, Run] = {}
        self.artifacts: dict[int, Artifact] = {}
        self._ids = itertools.count(1001)
        self.collaborators: set[tuple[str, str]] = set()
        self._time = _START
        self._folder = folder

    def next_id(self) -> int:
        """Return the next id."""
        return next(self._ids)

    def now(self) -> str:
        """Return the time, a second later than when it was last asked for."""
        return f"{self.pass_time(1):%Y-%m-%dT%H:%M:%SZ}"

    def pass_time(self, seconds: float) -> datetime:
        """Let time pass, and return what time it is then: no test waits."""
        with self.lock:
            self._time += timedelta(seconds=seconds)
            return self._time

    def association(self, repository: str, user: User) -> str:
        """Return what a user is to a repository, as `author_association` names it."""
        if user.login == repository.partition("/")[0]:
            return "OWNER"
        return "COLLABORATOR" if (repository, user.login) in self.collaborators else "NONE"

    def user(self, login: str) -> User:
        """Return the user of that name, who is made when new; `NAME[bot]` is an app's."""
        with self.lock:
            if login not in self.users:
                # 15368 is the id of the app github-actions on github.com.
                number = 15368 if login == ACTIONS_BOT else self.next_id()
                self.users[login] = User(number, login)
            return self.users[login]

    def add_repository(
        self,
        full_name: str,
        *,
        private: bool = False,
        default_branch: str = "main",
        git: Path | None = None,
        fork_of: str | None = None,
    ) -> Repository:
        """Make a repository `OWNER/NAME`. `git` is a repository, bare or not, whose objects and
        refs are its own; without, it has an empty one once that is needed."""
        owner, _, name = full_name.partition("/")
        with self.lock:
            number = self.next_id()
            store = ObjectStore(git or self._folder / f"{number}.git")
            self.repositories[full_name] = Repository(
                id=number,
                owner=self.user(owner),
                name=name,
                private=private,
                default_branch=default_branch,
                store=store,
                fork_of=fork_of,
                created_at=self.now(),
            )
            return self.repositories[full_name]

    def add_pull(
        self,
        repository: str,
        *,
        head_sha: str,
        head_branch: str = "change",
        head_repository: str | None = None,
        base_sha: str = "b" * 40,
        base_branch: str | None = None,
        number: int | None = None,
        user: str | None = None,
        title: str = "Change the pipeline",
        locked: bool = False,
        draft: bool = False,
    ) -> Pull:
        """Open a pull request; from a fork when `head_repository` is another."""
        home = self.repositories[repository]
        source = self.repositories[head_repository or repository]
        with self.lock:
            pull = Pull(
                id=self.next_id(),
                number=number or self._next_number(repository),
                repository=repository,
                head_repository=source.full_name,
                head_branch=head_branch,
                head_sha=head_sha,
                base_branch=base_branch or home.default_branch,
                base_sha=base_sha,
                user=self.user(user or source.owner.login),
                title=title,
                locked=locked,
                draft=draft,
                created_at=(now := self.now()),
                updated_at=now,
            )
            return self._keep(pull)

    def _next_number(self, repository: str) -> int:
        """Return the next number of a repository: issues and pull requests count together."""
        taken = [n for name, n in self.pulls if name == repository]
        taken += [one.number for one in self.issues.values() if one.repository == repository]
        return max(taken, default=0) + 1

    def add_issue(
        self, repository: str, title: str, body: str, *, user: str = ACTIONS_BOT
    ) -> Issue:
        """Let a user open an issue, with no request made."""
        with self.lock:
            now = self.now()
            issue = Issue(
                id=self.next_id(),
                repository=repository,
                number=self._next_number(repository),
                user=self.user(user),
                title=title,
                body=body,
                created_at=now,
                updated_at=now,
            )
            self.issues[issue.id] = issue
            return issue

    def edit_issue(self, issue: Issue, *, user: str, **changes: Any) -> Issue:
        """Let a user edit an issue of any author."""
        with self.lock:
            editor = self.user(user) if "body" in changes else issue.editor
            changed = replace(issue, updated_at=self.now(), editor=editor, **changes)
            self.issues[issue.id] = changed
            return changed

    def issues_of(self, repository: str) -> list[Issue]:
        """Return the issues of a repository, the oldest first."""
        with self.lock:
            return [one for one in self.issues.values() if one.repository == repository]

    def push(self, pull: Pull, head_sha: str) -> Pull:
        """Let a pull request have another head commit, as a push does."""
        return self.change_pull(pull, head_sha=head_sha)

    def change_pull(self, pull: Pull, **changes: Any) -> Pull:
        """Replace fields of a pull request: `state="closed"`, `locked=True`, …"""
        with self.lock:
            current = self.pulls[pull.repository, pull.number]
            return self._keep(replace(current, updated_at=self.now(), **changes))

    def _keep(self, pull: Pull) -> Pull:
        self.pulls[pull.repository, pull.number] = pull
        home = self.repositories[pull.repository]
        source = self.repositories[pull.head_repository or pull.repository]
        if source.store.is_there() and source.store.kind(pull.head_sha) == "commit":
            home.store.take(source.store, pull.head_sha, f"refs/pull/{pull.number}/head")
        return pull

    def add_comment(self, pull: Pull, body: str, *, user: str = ACTIONS_BOT) -> Comment:
        """Let a user comment on a pull request, with no request made."""
        with self.lock:
            now = self.now()
            comment = Comment(
                id=self.next_id(),
                repository=pull.repository,
                number=pull.number,
                user=self.user(user),
                body=body,
                created_at=now,
                updated_at=now,
            )
            self.comments[comment.id] = comment
            return comment

    def edit_comment(self, comment: Comment, body: str, *, user: str) -> Comment:
        """Let a user edit a comment of any author."""
        with self.lock:
            changed = replace(comment, body=body, updated_at=self.now(), editor=self.user(user))
            self.comments[comment.id] = changed
            return changed

    def comments_of(self, repository: str, number: int) -> list[Comment]:
        """Return the comments of a pull request, the oldest first."""
        with self.lock:
            return [
                c
                for c in self.comments.values()
                if (c.repository, c.number) == (repository, number)
            ]

    def reactions_of(self, comment: int) -> list[Reaction]:
        """Return the reactions to a comment or an issue, the oldest first."""
        with self.lock:
            return [r for r in self.reactions.values() if r.comment == comment]

    def check_runs_of(self, repository: str, commit: str) -> list[CheckRun]:
        """Return the check runs of a commit, the oldest first."""
        with self.lock:
            found = self.check_runs.values()
            return [c for c in found if (c.repository, c.head_sha) == (repository, commit)]

    def pulls_of(self, repository: str) -> list[Pull]:
        """Return the pull requests of a repository, the newest first."""
        with self.lock:
            found = [pull for (name, _), pull in self.pulls.items() if name == repository]
            return sorted(found, key=lambda pull: -pull.number)

    def add_run(
        self,
        repository: str,
        *,
        head_sha: str,
        head_branch: str = "change",
        head_repository: str | None = None,
        event: str = "pull_request",
        id: int | None = None,  # noqa: A002
        attempt: int = 1,
        artifacts: Iterable[str] = (),
    ) -> Run:
        """Make a completed workflow run with artifacts of these names."""
        with self.lock:
            number = id or self.next_id()
            now = self.now()
            source = head_repository or repository
            run = Run(number, attempt, repository, source, head_branch, head_sha, event, now)
            self.runs[number] = run
            for name in artifacts:
                artifact = Artifact(self.next_id(), number, name, self.now())
                self.artifacts[artifact.id] = artifact
            return run

    def has_commit(self, repository: str, sha: str) -> bool:
        """Say whether a repository has a commit: in its Git, or as a pull request's or a run's."""
        with self.lock:
            named = {p.head_sha for p in self.pulls_of(repository)}
            named |= {p.base_sha for p in self.pulls_of(repository)}
            named |= {r.head_sha for r in self.runs.values() if r.repository == repository}
            store = self.repositories[repository].store
            return sha in named or (store.is_there() and store.kind(sha) == "commit")
