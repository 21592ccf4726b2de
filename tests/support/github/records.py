"""The nouns of GitHub that the stand-in stores. Times are ISO 8601 as the API gives them."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.github.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class User:
    """A user, or the one that acts for an app (`NAME[bot]`)."""

    id: int
    login: str

    @property
    def is_app(self) -> bool:
        return self.login.endswith("[bot]")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with its Git objects. `fork_of` is the full name of what it was forked from."""

    id: int
    owner: User
    name: str
    private: bool
    default_branch: str
    store: ObjectStore
    fork_of: str | None
    created_at: str

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request. `head_repository` is `None` once that fork is deleted."""

    id: int
    number: int
    repository: str
    head_repository: str | None
    head_branch: str
    head_sha: str
    base_branch: str
    base_sha: str
    user: User
    title: str
    locked: bool
    draft: bool
    created_at: str
    updated_at: str
    state: str = "open"
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is no pull request. `editor` edited it last, `None` if none did."""

    id: int
    repository: str
    number: int
    user: User
    title: str
    body: str
    created_at: str
    updated_at: str
    state: str = "open"
    state_reason: str | None = None
    editor: User | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or a pull request. `editor` edited it last, `None` if none did."""

    id: int
    repository: str
    number: int
    user: User
    body: str
    created_at: str
    updated_at: str
    editor: User | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction to a comment or an issue, by its id."""

    id: int
    comment: int
    user: User
    content: str
    created_at: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run. `annotations` are objects as the API takes them, in the order they came in."""

    id: int
    repository: str
    head_sha: str
    app: User
    name: str
    status: str = "queued"
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: tuple[dict[str, Any], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow run that is completed."""

    id: int
    attempt: int
    repository: str
    head_repository: str
    head_branch: str
    head_sha: str
    event: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact of a workflow run."""

    id: int
    run: int
    name: str
    created_at: str
