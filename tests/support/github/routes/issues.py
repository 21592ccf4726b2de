"""Pull requests as the issues that they are too."""

from tests.support.github.answers import Answer
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id, user


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}")
def get_issue(call: Call) -> Answer:
    call.need("read", "issues", "pull_requests")
    pull, links = call.pull("issue_number"), call.links
    home = links.repository(pull.repository)
    address = f"{home}/issues/{pull.number}"
    page = f"{links.web}/{pull.repository}/pull/{pull.number}"
    shown = {
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
    return Answer(200, shown)
