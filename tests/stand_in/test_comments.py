from functools import partial

import pytest
from github import GithubException

from tests.stand_in.conftest import NAME, Asked, status_of

TOO_LONG = "Body is too long (maximum is 65536 characters)"


def test_a_comment_is_made_changed_and_deleted(asked: Asked) -> None:
    comment = asked.pull.create_issue_comment("One")
    page = f"{asked.server.url}/{NAME}/pull/1#issuecomment-{comment.id}"
    assert (comment.html_url, comment.user.login) == (page, "github-actions[bot]")
    comment.edit("Two")
    assert comment.updated_at > comment.created_at
    assert [one.body for one in asked.pull.get_issue_comments()] == ["Two"]
    assert asked.repository.get_issue(1).get_comment(comment.id).body == "Two"
    comment.delete()
    assert asked.server.state.comments_of(NAME, 1) == []
    with pytest.raises(GithubException) as error:
        comment.edit("Three")
    assert status_of(error) == (404, "Not Found")


def test_comments_come_in_pages_the_oldest_first(asked: Asked) -> None:
    pull = asked.server.state.pulls[NAME, 1]
    bodies = [f"Comment {n}" for n in range(67)]
    for body in bodies:
        asked.server.state.add_comment(pull, body, user="octo")
    assert [one.body for one in asked.pull.get_issue_comments()] == bodies
    pages = [one.query for one in asked.server.log if one.operation == "issues/list-comments"]
    assert pages == ["", "page=2", "page=3"]


@pytest.mark.parametrize(
    ("body", "message"),
    [("x" * 65_537, TOO_LONG), (" \n", "body cannot be blank"), ("é" * 65_536, None)],
)
def test_a_body_is_neither_blank_nor_too_long(asked: Asked, body: str, message: str | None) -> None:
    if message is None:
        assert asked.pull.create_issue_comment(body).body == body
        return
    with pytest.raises(GithubException) as error:
        asked.pull.create_issue_comment(body)
    assert status_of(error) == (422, "Validation Failed")
    assert [one["message"] for one in error.value.data["errors"]] == [message]
    assert asked.server.state.comments_of(NAME, 1) == []


def test_nobody_comments_on_a_locked_pull_request(asked: Asked) -> None:
    asked.server.state.change_pull(asked.server.state.pulls[NAME, 1], locked=True)
    with pytest.raises(GithubException) as error:
        asked.pull.create_issue_comment("One")
    assert status_of(error) == (403, "Unable to create comment because issue is locked.")


@pytest.mark.parametrize(
    ("user", "access", "author", "status"),
    [
        ("github-actions[bot]", "write", "reviewer", 200),
        ("github-actions[bot]", "read", "github-actions[bot]", 403),
        ("github-actions[bot]", "none", "reviewer", 403),
        ("reviewer", "none", "reviewer", 200),
        ("reviewer", "none", "github-actions[bot]", 403),
        ("maintainer", "write", "github-actions[bot]", 200),
    ],
)
def test_who_may_change_a_comment(
    asked: Asked, user: str, access: str, author: str, status: int
) -> None:
    comment = asked.server.state.add_comment(asked.server.state.pulls[NAME, 1], "One", user=author)
    token = asked.server.token(user=user, pull_requests=access)  # type: ignore[arg-type]
    (theirs,) = asked.by(token).pull.get_issue_comments()
    if status == 200:
        theirs.edit("Two")
        theirs.delete()
        assert asked.server.state.comments == {}
        return
    for change in (partial(theirs.edit, "Two"), theirs.delete):
        with pytest.raises(GithubException) as error:
            change()
        assert status_of(error) == (403, "Resource not accessible by integration")
    assert asked.server.state.comments == {comment.id: comment}


def test_one_reaction_for_each_user_and_content(asked: Asked) -> None:
    comment = asked.pull.create_issue_comment("One")
    first = comment.create_reaction("eyes")
    assert comment.create_reaction("eyes").id == first.id
    assert comment.create_reaction("+1").id != first.id
    posts = [one.status for one in asked.server.log if one.method == "POST"][1:]
    assert posts == [201, 200, 201]
    other = asked.by(asked.server.token(user="reviewer", pull_requests="read"))
    other.pull.get_issue_comment(comment.id).create_reaction("eyes")
    assert [(one.user.login, one.content) for one in comment.get_reactions()] == [
        ("github-actions[bot]", "eyes"),
        ("github-actions[bot]", "+1"),
        ("reviewer", "eyes"),
    ]
    assert comment.delete_reaction(first.id)
    assert not comment.delete_reaction(first.id)
    assert asked.pull.get_issue_comment(comment.id).reactions["total_count"] == 2
