"""What is to be published, where, and what came of it: plain data, without any call."""

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
    """Where to publish: a pull request of a repository, and the head commit that was judged.

    `id` tells several comments of one pull request apart; `repository` is `owner/name`.
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
    """The graph as two PNG files, and further pictures by the names of their files."""

    light: bytes
    dark: bytes
    others: Mapping[str, bytes] = field(default_factory=dict)


class ImageUrls(Struct, frozen=True):
    """Where GitHub serves the two, and the others by name."""

    light: str
    dark: str
    others: Mapping[str, str] = field(default_factory=dict)


class Comment(Struct, frozen=True):
    """A comment to be: its Markdown, once it is known where the images are, if anywhere.

    Unless `create`, only a comment that is there already is brought up to date. `images` is
    `None` where none are to be hosted.
    """

    text: Callable[[ImageUrls | None], str]
    create: bool
    images: Images | None = None


class Annotation(Struct, frozen=True):
    """A message at a line of a file. `line` counts from 1."""

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str


class Check(Struct, frozen=True):
    """A check run to be, on a commit. `text` and `summary` are Markdown."""

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


NotPublished = Literal[
    "forbidden",  # the token may not: 401, 403, or a 404 that hides the same
    "superseded",  # a newer head or a newer run of the pull request is there
    "unavailable",  # GitHub failed, refused or did not answer, after all retries
    "locked",  # the conversation is locked
    "gone",  # the pull request or the commit is not there
    "imitated",  # another user's comment begins as ours do; it is no obstacle to ours
]


class Note(Struct, frozen=True):
    """Something that was not published: what, why, and GitHub's own words where it said any."""

    what: Literal["comment", "check", "images", "cleanup"]
    why: NotPublished
    detail: str = ""


class Published(Struct, frozen=True):
    """What came of a comment or a check run. `url` is where it is, or where the old one stays."""

    done: Literal["created", "updated", "unchanged", "nothing"]
    url: str | None = None
    notes: tuple[Note, ...] = ()


class FoundPullRequest(Struct, frozen=True):
    """The number of a pull request, `None` where there is none; `notes` where nobody could say."""

    number: int | None = None
    notes: tuple[Note, ...] = ()
