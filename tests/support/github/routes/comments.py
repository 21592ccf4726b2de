"""Comments on issues and pull requests, and reactions to them."""

from typing import Any

from tests.support.github import reactions
from tests.support.github.answers import Answer, invalid, not_found, page, refused
from tests.support.github.records import Comment, User
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id, user
from tests.support.github.tokens import Token

MOST_CHARACTERS = 65_536
_CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def _shown(call: Call, comment: Comment) -> dict[str, Any]:
    links, name = call.links, comment.repository
    address = links.repository(name, f"/issues/comments/{comment.id}")
    given = [reaction.content for reaction in call.state.reactions_of(comment.id)]
    counts = {content: given.count(content) for content in _CONTENTS}
    return {
        "id": comment.id,
        "node_id": node_id("IssueComment", comment.id),
        "url": address,
        "html_url": f"{links.web}/{name}/pull/{comment.number}#issuecomment-{comment.id}",
        "issue_url": links.repository(name, f"/issues/{comment.number}"),
        "user": user(links, comment.user),
        "body": comment.body,
        "author_association": call.state.association(name, comment.user),
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
        "performed_via_github_app": None,
        "reactions": {"url": f"{address}/reactions", "total_count": len(given), **counts},
    }


def _found(call: Call) -> Comment:
    comment = call.state.comments.get(call.number("comment_id"))
    if comment is None or comment.repository != call.repository.full_name:
        raise not_found()
    return comment


def _checked(body: str) -> str:
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "body cannot be blank")
    if len(body) > MOST_CHARACTERS:
        message = f"Body is too long (maximum is {MOST_CHARACTERS} characters)"
        raise invalid("IssueComment", "data", "unprocessable", message)
    return body


def _writer(call: Call, owner: User | None = None) -> Token:
    """Return the token if it may write what is `owner`'s, or something new. An app needs its
    permission for that; a user does for what others own."""
    token = call.token
    if token is not None and not token.user.is_app and owner in (None, token.user):
        return token
    return call.need_write("issues", "pull_requests")


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
def list_comments(call: Call) -> Answer:
    """The oldest first."""
    call.need("read", "issues", "pull_requests")
    pull = call.pull("issue_number")
    comments = [
        comment
        for comment in call.state.comments_of(pull.repository, pull.number)
        if comment.updated_at >= call.query.get("since", "")
    ]
    return page(comments, lambda one: _shown(call, one), call.query, call.address)


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
def create_comment(call: Call) -> Answer:
    pull = call.pull("issue_number")
    token = _writer(call)
    if pull.locked:
        raise refused(403, "Unable to create comment because issue is locked.")
    body = _checked(call.body["body"])
    comment = call.state.add_comment(pull, body, user=token.user.login)
    return Answer(201, _shown(call, comment))


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def get_comment(call: Call) -> Answer:
    call.need("read", "issues", "pull_requests")
    return Answer(200, _shown(call, _found(call)))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def update_comment(call: Call) -> Answer:
    comment = _found(call)
    token = _writer(call, comment.user)
    changed = call.state.edit_comment(comment, _checked(call.body["body"]), user=token.user.login)
    return Answer(200, _shown(call, changed))


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def delete_comment(call: Call) -> Answer:
    comment = _found(call)
    _writer(call, comment.user)
    del call.state.comments[comment.id]
    for reaction in call.state.reactions_of(comment.id):
        del call.state.reactions[reaction.id]
    return Answer(204)


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions")
def list_reactions(call: Call) -> Answer:
    call.need("read", "issues", "pull_requests")
    return reactions.list_all(call, _found(call).id)


@route("POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions")
def create_reaction(call: Call) -> Answer:
    comment = _found(call)
    return reactions.add(call, comment.id, _writer(call).user)


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}")
def delete_reaction(call: Call) -> Answer:
    reaction = reactions.find(call, _found(call).id)
    _writer(call, reaction.user)
    del call.state.reactions[reaction.id]
    return Answer(204)
