"""Issues, and pull requests as the issues that they are too."""

from typing import Any

from tests.support.github import reactions
from tests.support.github.answers import Answer, invalid, not_found, page
from tests.support.github.records import Issue, Pull
from tests.support.github.routes.comments import MOST_CHARACTERS
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id, user

_LONGEST_TITLE = 256


def _shown(call: Call, issue: Issue) -> dict[str, Any]:
    links, name = call.links, issue.repository
    address = links.repository(name, f"/issues/{issue.number}")
    return {
        "id": issue.id,
        "node_id": node_id("Issue", issue.id),
        "number": issue.number,
        "url": address,
        "repository_url": links.repository(name),
        "labels_url": f"{address}/labels{{/name}}",
        "comments_url": f"{address}/comments",
        "events_url": f"{address}/events",
        "html_url": f"{links.web}/{name}/issues/{issue.number}",
        "title": issue.title,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": False,
        "user": user(links, issue.user),
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": 0,
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": None if issue.state == "open" else issue.updated_at,
        "author_association": call.state.association(name, issue.user),
        "body": issue.body,
    }


def _shown_pull(call: Call, pull: Pull) -> dict[str, Any]:
    links = call.links
    home = links.repository(pull.repository)
    address = f"{home}/issues/{pull.number}"
    page = f"{links.web}/{pull.repository}/pull/{pull.number}"
    return {
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "number": pull.number,
        "url": address,
        "repository_url": home,
        "labels_url": f"{address}/labels{{/name}}",
        "comments_url": f"{address}/comments",
        "events_url": f"{address}/events",
        "html_url": page,
        "title": pull.title,
        "state": pull.state,
        "locked": pull.locked,
        "user": user(links, pull.user),
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(call.state.comments_of(pull.repository, pull.number)),
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": None if pull.state == "open" else pull.updated_at,
        "author_association": "CONTRIBUTOR",
        "body": None,
        "pull_request": {
            "url": f"{home}/pulls/{pull.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
        },
    }


def _found(call: Call) -> Issue:
    for issue in call.state.issues_of(call.repository.full_name):
        if issue.number == call.number("issue_number"):
            return issue
    raise not_found()


def _checked(call: Call) -> dict[str, Any]:
    """Return the fields of an issue that a request sets."""
    fields = {
        name: call.body[name]
        for name in ("title", "body", "state", "state_reason")
        if call.body.get(name) is not None
    }
    if "title" in fields and not fields["title"].strip():
        raise invalid("Issue", "title", "missing_field", "title can't be blank")
    if len(fields.get("title", "")) > _LONGEST_TITLE:
        raise invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)")
    if len(fields.get("body", "")) > MOST_CHARACTERS:
        message = f"body is too long (maximum is {MOST_CHARACTERS} characters)"
        raise invalid("Issue", "body", "custom", message)
    return fields


@route("GET", "/repos/{owner}/{repo}/issues")
def list_issues(call: Call) -> Answer:
    """The newest first, pull requests among them."""
    call.need("read", "issues")
    name, wanted = call.repository.full_name, call.query.get("state", "open")
    rows = [
        (one.number, one.state, one.user.login, _shown(call, one))
        for one in call.state.issues_of(name)
    ]
    rows += [
        (p.number, p.state, p.user.login, _shown_pull(call, p)) for p in call.state.pulls_of(name)
    ]
    found = [
        shown
        for _, state, login, shown in sorted(rows, key=lambda row: -row[0])
        if wanted in (state, "all") and call.query.get("creator", login) == login
    ]
    return page(found, lambda one: one, call.query, call.address)


@route("POST", "/repos/{owner}/{repo}/issues")
def create_issue(call: Call) -> Answer:
    token = call.need_write("issues")
    fields = _checked(call)
    issue = call.state.add_issue(
        call.repository.full_name, fields["title"], fields.get("body", ""), user=token.user.login
    )
    return Answer(201, _shown(call, issue))


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}")
def get_issue(call: Call) -> Answer:
    call.need("read", "issues", "pull_requests")
    number = call.number("issue_number")
    if (call.repository.full_name, number) in call.state.pulls:
        return Answer(200, _shown_pull(call, call.pull("issue_number")))
    return Answer(200, _shown(call, _found(call)))


@route("PATCH", "/repos/{owner}/{repo}/issues/{issue_number}")
def update_issue(call: Call) -> Answer:
    token = call.need_write("issues")
    changed = call.state.edit_issue(_found(call), user=token.user.login, **_checked(call))
    return Answer(200, _shown(call, changed))


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/reactions")
def list_reactions(call: Call) -> Answer:
    call.need("read", "issues")
    return reactions.list_all(call, _found(call).id)


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/reactions")
def create_reaction(call: Call) -> Answer:
    issue = _found(call)
    return reactions.add(call, issue.id, call.need_write("issues").user)


@route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/reactions/{reaction_id}")
def delete_reaction(call: Call) -> Answer:
    reaction = reactions.find(call, _found(call).id)
    call.need_write("issues")
    del call.state.reactions[reaction.id]
    return Answer(204)
