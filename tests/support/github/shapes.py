"""The objects of the API as JSON, for several areas: users, repositories, pull requests."""

from base64 import b64encode
from typing import Any

from tests.support.github.links import Links
from tests.support.github.records import Pull, Repository, Run, User
from tests.support.github.state import State

Json = dict[str, Any]


_COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
)


def node_id(kind: str, number: int | str) -> str:
    """Return the id that GraphQL would know an object by."""
    return b64encode(f"{kind}:{number}".encode()).decode()


def user(links: Links, who: User) -> Json:
    """A `simple-user`."""
    return links.user_urls(who.login) | {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("User", who.id),
        "gravatar_id": "",
        "type": "Bot" if who.is_app else "User",
        "site_admin": False,
    }


def app(links: Links, who: User) -> Json:
    """The `integration` that a user with `[bot]` acts for; it has the user's id here."""
    slug = who.login.removesuffix("[bot]")
    return {
        "id": who.id,
        "slug": slug,
        "node_id": node_id("App", who.id),
        "owner": user(links, User(who.id, slug)),
        "name": slug,
        "description": "",
        "external_url": f"{links.web}/apps/{slug}",
        "html_url": f"{links.web}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2019-12-10T19:04:12Z",
        "permissions": {"checks": "write", "metadata": "read"},
        "events": [],
    }


def minimal_repository(links: Links, repository: Repository) -> Json:
    """A `minimal-repository`."""
    return links.repository_urls(repository.full_name) | {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": user(links, repository.owner),
        "private": repository.private,
        "html_url": f"{links.web}/{repository.full_name}",
        "description": None,
        "fork": repository.fork_of is not None,
    }


def repository(links: Links, source: Repository) -> Json:
    """A `repository`, as a pull request's head and base hold it."""
    address = f"{links.web}/{source.full_name}"
    return (
        minimal_repository(links, source)
        | dict.fromkeys(_COUNTS, 0)
        | dict.fromkeys(("homepage", "language", "license", "mirror_url"))
        | dict.fromkeys(("created_at", "updated_at", "pushed_at"), source.created_at)
        | dict.fromkeys(("has_projects", "has_wiki", "has_pages", "archived", "disabled"), False)
        | dict.fromkeys(("has_issues", "has_downloads"), True)
        | {
            "clone_url": f"{address}.git",
            "git_url": f"git:{address.partition(':')[2]}.git",
            "ssh_url": f"git@{address.partition('//')[2]}.git",
            "svn_url": address,
            "default_branch": source.default_branch,
            "visibility": "private" if source.private else "public",
            "has_discussions": False,
            "topics": [],
        }
    )


def full_repository(links: Links, state: State, source: Repository) -> Json:
    """A `full-repository`."""
    shown = repository(links, source) | {"network_count": 0, "subscribers_count": 0}
    parent = state.repositories.get(source.fork_of or "")
    if parent is not None:
        shown |= {"parent": repository(links, parent), "source": repository(links, parent)}
    return shown


def pull(links: Links, state: State, source: Pull) -> Json:
    """A `pull-request-simple`, which lists hold."""
    home = links.repository(source.repository, f"/pulls/{source.number}")
    issue = links.repository(source.repository, f"/issues/{source.number}")
    page = f"{links.web}/{source.repository}/pull/{source.number}"
    addresses = {
        "self": home,
        "html": page,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{home}/comments",
        "review_comment": links.repository(source.repository, "/pulls/comments{/number}"),
        "commits": f"{home}/commits",
        "statuses": links.repository(source.repository, f"/statuses/{source.head_sha}"),
    }
    closed_at = None if source.state == "open" else source.updated_at
    head = state.repositories.get(source.head_repository or "")
    base = state.repositories[source.repository]
    return {
        "_links": {name: {"href": address} for name, address in addresses.items()},
        **{f"{n}_url": a for n, a in addresses.items() if n not in ("self",)},
        "url": home,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "id": source.id,
        "node_id": node_id("PullRequest", source.id),
        "number": source.number,
        "state": source.state,
        "locked": source.locked,
        "active_lock_reason": "too heated" if source.locked else None,
        "draft": source.draft,
        "title": source.title,
        "user": user(links, source.user),
        "body": None,
        "labels": [],
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "created_at": source.created_at,
        "updated_at": source.updated_at,
        "closed_at": closed_at,
        "merged_at": closed_at if source.merged else None,
        "merge_commit_sha": None,
        "head": _end(links, head, source.head_branch, source.head_sha, source.user),
        "base": _end(links, base, source.base_branch, source.base_sha, base.owner),
    }


def _end(links: Links, where: Repository | None, branch: str, sha: str, owner: User) -> Json:
    """A pull request's head or base; GitHub gives `null` for a fork that is no more."""
    who = where.owner if where else owner
    return {
        "label": f"{who.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(links, who),
        "repo": repository(links, where) if where else None,
    }


def whole_pull(links: Links, state: State, source: Pull) -> Json:
    """A `pull-request`."""
    return pull(links, state, source) | {
        "merged": source.merged,
        "mergeable": None if source.merged else True,
        "rebaseable": None if source.merged else True,
        "mergeable_state": "unknown" if source.merged else "clean",
        "merged_by": None,
        "comments": len(state.comments_of(source.repository, source.number)),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }


def pulls_named(links: Links, state: State, repository: str, head_sha: str) -> list[Json]:
    """The `pull_requests` of a check run or a workflow run: GitHub names none from a fork there."""
    return [
        {
            "id": one.id,
            "number": one.number,
            "url": links.repository(repository, f"/pulls/{one.number}"),
            "head": _named_end(links, state, repository, one.head_branch, one.head_sha),
            "base": _named_end(links, state, repository, one.base_branch, one.base_sha),
        }
        for one in state.pulls_of(repository)
        if (one.head_repository, one.head_sha) == (repository, head_sha) and one.state == "open"
    ]


def _named_end(links: Links, state: State, repository: str, branch: str, sha: str) -> Json:
    where = state.repositories[repository]
    shown = {"id": where.id, "url": links.repository(repository), "name": where.name}
    return {"ref": branch, "sha": sha, "repo": shown}


def workflow_run(links: Links, state: State, run: Run) -> Json:
    """A `workflow-run`. Its `pull_requests` are none for a run of a fork, whatever there are."""
    home = state.repositories[run.repository]
    address = links.repository(run.repository, f"/actions/runs/{run.id}")
    parts = ("jobs", "logs", "artifacts", "cancel", "rerun")
    workflow = links.repository(run.repository, f"/actions/workflows/{home.id}")
    return {f"{part}_url": f"{address}/{part}" for part in parts} | {
        "id": run.id,
        "node_id": node_id("WorkflowRun", run.id),
        "name": "CI",
        "display_title": "Change the pipeline",
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": ".github/workflows/ci.yml",
        "run_number": 1,
        "run_attempt": run.attempt,
        "event": run.event,
        "status": "completed",
        "conclusion": "success",
        "workflow_id": home.id,
        "workflow_url": workflow,
        "check_suite_url": links.repository(run.repository, f"/check-suites/{run.id}"),
        "url": address,
        "html_url": f"{links.web}/{run.repository}/actions/runs/{run.id}",
        "pull_requests": pulls_named(links, state, run.repository, run.head_sha)
        if run.head_repository == run.repository
        else [],
        "created_at": run.created_at,
        "updated_at": run.created_at,
        "run_started_at": run.created_at,
        "head_commit": None,
        "repository": minimal_repository(links, home),
        "head_repository": minimal_repository(links, state.repositories[run.head_repository]),
    }
