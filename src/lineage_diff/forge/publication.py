"""Plain data about publishing: what to publish, where, and the result."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct, field

AnnotationLevel = Literal["failure", "warning", "notice"]
CheckConclusion = Literal["success", "failure", "neutral"]
CommentWhen = Literal["changes", "always", "never"]


class RunAttempt(Struct, frozen=True, order=True):
    """One attempt of a workflow run. A later one has the greater number (`GITHUB_RUN_ID`)."""

    id: int
    attempt: int


class Target(Struct, frozen=True):
    """Where to publish: a pull request of a repository, and the head commit that was checked.

    `id` distinguishes several comments on one pull request; `repository` is `owner/name`.
    """

    repository: str
    pull_request: int
    head_commit: str
    id: str
    run: RunAttempt


class Head(Struct, frozen=True):
    """The head of a pull request: a commit of a branch of a repository, which is `owner/name`."""

    repository: str
    branch: str
    commit: str


class Images(Struct, frozen=True):
    """The graph as two PNG files, and further images by file name."""

    light: bytes
    dark: bytes
    others: Mapping[str, bytes] = field(default_factory=dict)


class ImageUrls(Struct, frozen=True):
    """The URLs of the two graph images, and of the others by file name."""

    light: str
    dark: str
    others: Mapping[str, str] = field(default_factory=dict)


STATE_LENGTH = 3_000
"""The most characters of a state in a comment."""


class Earlier(Struct, frozen=True):
    """The state that a comment held for an earlier commit: untrusted text."""

    head_commit: str
    state: str


class Comment(Struct, frozen=True):
    """A comment to publish. `text` returns its Markdown for the URLs of the images, if any.

    Unless `create`, only an existing comment is updated. `images` is `None` if none should be
    hosted. `state`, of letters, digits, `_` and `-`, is kept for the next commit; `text_since` then
    returns the Markdown beside that of the commit before.
    """

    text: Callable[[ImageUrls | None], str]
    create: bool
    images: Images | None = None
    state: str = ""
    text_since: Callable[[ImageUrls | None, Earlier], str] | None = None


class Annotation(Struct, frozen=True):
    """A message at a line of a file. `line` counts from 1."""

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str


class Check(Struct, frozen=True):
    """A check run to publish on a commit. `text` and `summary` are Markdown."""

    repository: str
    head_commit: str
    name: str
    run: RunAttempt
    conclusion: CheckConclusion
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    details_url: str | None = None


class IssueTarget(Struct, frozen=True):
    """The issue of a repository about a branch, and the commit that was checked.

    `id` distinguishes several issues; `repository` is `owner/name`.
    """

    repository: str
    branch: str
    head_commit: str
    id: str
    run: RunAttempt


class Issue(Struct, frozen=True):
    """An issue to publish. `text` is Markdown, `title` plain text.

    It is opened if `stale`, closed if `fresh`, and an open one stays open if `unknown`.
    """

    state: Literal["stale", "unknown", "fresh"]
    title: str
    text: str


NotPublished = Literal[
    "forbidden",  # the token has no permission: 401, 403, or a 404 instead of these
    "superseded",  # the pull request or branch has a newer head or a newer run
    "unavailable",  # GitHub failed, refused or did not answer, after all retries
    "locked",  # the conversation is locked
    "gone",  # the pull request, branch or commit does not exist, or the repository has no issues
    "imitated",  # another user's comment begins with our marker; ours is published anyway
]


class Note(Struct, frozen=True):
    """Something that was not published, the reason, and GitHub's message, if any."""

    what: Literal["comment", "check", "images", "cleanup", "issue", "file"]
    why: NotPublished
    detail: str = ""


class Published(Struct, frozen=True):
    """The result for a comment, check run or issue. `url` is its URL.

    Where nothing was published, `url` is that of the kept old one.
    """

    done: Literal["created", "updated", "unchanged", "closed", "nothing"]
    url: str | None = None
    notes: tuple[Note, ...] = ()


class FoundPullRequest(Struct, frozen=True):
    """The number of a pull request, `None` if there is none; `notes` if the search failed."""

    number: int | None = None
    notes: tuple[Note, ...] = ()


class FoundFile(Struct, frozen=True):
    """The content of a file at a commit; `None` if it cannot be read, with the reason in `note`."""

    content: bytes | None = None
    note: Note | None = None
