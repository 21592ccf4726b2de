"""Publishing: whatever a forge does, there is a result, and the token is not in it."""

import pytest

from lineage_diff.forge.github.forge import GitHubForge, connect_github
from lineage_diff.forge.interface import Forge
from lineage_diff.forge.publication import (
    Check,
    Comment,
    FoundFile,
    FoundPullRequest,
    Head,
    Issue,
    IssueTarget,
    Note,
    Published,
    RunAttempt,
    Target,
)
from lineage_diff.github_action.publish import (
    Credentials,
    find_pull_request,
    publish,
    read_file,
    remove_images,
)

TOKEN = "ghs_secret"  # noqa: S105
NAME = "octo/models"
COMMIT = "a" * 40
TARGET = Target(NAME, 7, COMMIT, "lineage-diff", RunAttempt(1, 1))
COMMENT = Comment(lambda urls: "text", create=True)
CHECK = Check(NAME, COMMIT, "check", RunAttempt(1, 1), "success", "title", "summary")
ISSUE = (
    IssueTarget(NAME, "main", COMMIT, "lineage-diff", RunAttempt(1, 1)),
    Issue("stale", "title", "text"),
)
HEAD = Head(NAME, "change", COMMIT)


class Broken:
    """A forge that fails in ways that no caller expects."""

    def publish_comment(self, target: Target, comment: Comment) -> Published:
        raise ZeroDivisionError(TOKEN)

    def publish_check(self, check: Check) -> Published:
        raise KeyError(TOKEN)

    def find_pull_request(self, repository: str, head: Head) -> FoundPullRequest:
        raise TypeError(TOKEN)

    def remove_images(self, repository: str, pull_request: int) -> tuple[Note, ...]:
        raise RecursionError(TOKEN)

    def publish_issue(self, target: IssueTarget, issue: Issue) -> Published:
        raise LookupError(TOKEN)

    def read_file(self, repository: str, commit: str, path: str, most: int) -> FoundFile:
        raise OSError(TOKEN)


class TakesChecks(Broken):
    """A forge that takes check runs and fails otherwise."""

    def publish_check(self, check: Check) -> Published:
        return Published("created", "https://forge/check")


def credentials(monkeypatch: pytest.MonkeyPatch, forge: Forge) -> Credentials:
    monkeypatch.setattr(Credentials, "connect", lambda self: forge)
    return Credentials(TOKEN, "https://forge")


def test_a_failure_is_a_note_without_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = credentials(monkeypatch, Broken())
    done = publish(broken, (TARGET, COMMENT), CHECK, ISSUE)
    assert (done.comment_url, done.issue_url) == (None, None)
    assert done.notes == (
        Note("comment", "unavailable", "ZeroDivisionError"),
        Note("check", "unavailable", "KeyError"),
        Note("issue", "unavailable", "LookupError"),
    )
    found = find_pull_request(broken, NAME, HEAD)
    assert found == FoundPullRequest(None, (Note("comment", "unavailable", "TypeError"),))
    assert read_file(broken, NAME, COMMIT, "a", 1).note == Note("file", "unavailable", "OSError")
    assert remove_images(broken, NAME, 7) == (Note("cleanup", "unavailable", "RecursionError"),)


def test_after_a_comment_that_failed_the_check_is_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = publish(credentials(monkeypatch, TakesChecks()), (TARGET, COMMENT), CHECK)
    assert [note.what for note in done.notes] == ["comment"]


def test_without_a_token_nothing_is_asked() -> None:
    nobody = Credentials(None, "http://127.0.0.1:1")
    done = publish(nobody, (TARGET, COMMENT), CHECK)
    assert done.notes == (Note("comment", "forbidden"), Note("check", "forbidden"))
    assert find_pull_request(nobody, NAME, HEAD).notes == (Note("comment", "forbidden"),)
    assert remove_images(nobody, NAME, 7) == (Note("cleanup", "forbidden"),)


def test_where_nothing_is_to_be_published_no_connection_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(self: Credentials) -> Forge:
        raise AssertionError

    monkeypatch.setattr(Credentials, "connect", connect)
    assert publish(Credentials(TOKEN, "https://forge"), None, None).notes == ()


def test_one_connection_serves_the_comment_and_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Forge] = []

    def connect(self: Credentials) -> Forge:
        made.append(Broken())
        return made[-1]

    monkeypatch.setattr(Credentials, "connect", connect)
    publish(Credentials(TOKEN, "https://forge"), (TARGET, COMMENT), CHECK)
    assert len(made) == 1


def test_an_address_that_no_connection_can_be_made_to_is_a_note() -> None:
    done = publish(Credentials(TOKEN, "ftp://forge"), None, CHECK)
    assert [(note.what, note.why) for note in done.notes] == [("check", "unavailable")]


def test_the_token_is_in_no_representation() -> None:
    github: Forge = connect_github(TOKEN, "https://api.github.com")
    assert isinstance(github, GitHubForge)
    assert TOKEN not in repr(github) + repr(vars(github)) + repr(Credentials(TOKEN, "https://x"))
