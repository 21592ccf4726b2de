"""Repositories, their files, pull requests and users."""

from base64 import encodebytes

from tests.support.github.answers import Answer, not_accessible, not_found, page, unauthorized
from tests.support.github.objects import NoSuchObjectError
from tests.support.github.records import Pull
from tests.support.github.routing import Call, route
from tests.support.github.shapes import full_repository, pull, user, whole_pull


@route("GET", "/user")
def get_user(call: Call) -> Answer:
    """An app's token stands for no user."""
    if call.token is None:
        raise unauthorized("Requires authentication")
    if call.token.user.is_app:
        raise not_accessible()
    who = call.token.user
    more = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    made = {"blog": "", "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    return Answer(200, user(call.links, who) | more | counts | made)


@route("GET", "/repos/{owner}/{repo}")
def get_repository(call: Call) -> Answer:
    return Answer(200, full_repository(call.links, call.state, call.repository))


@route("GET", "/repos/{owner}/{repo}/pulls")
def list_pulls(call: Call) -> Answer:
    """The newest first. `head` is `OWNER:BRANCH`; GitHub heeds no `head` of another form."""
    call.need("read", "pull_requests")
    state = call.query.get("state", "open")
    owner, colon, branch = call.query.get("head", "").partition(":")

    def wanted(one: Pull) -> bool:
        name = (one.head_repository or "").partition("/")[0]
        return (
            state in ("all", one.state)
            and (not colon or (name, one.head_branch) == (owner, branch))
            and call.query.get("base", one.base_branch) == one.base_branch
        )

    found = [one for one in call.state.pulls_of(call.repository.full_name) if wanted(one)]
    if call.query.get("direction", "desc" if "sort" not in call.query else "asc") == "asc":
        found.reverse()
    return page(found, lambda p: pull(call.links, call.state, p), call.query, call.address)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}")
def get_pull(call: Call) -> Answer:
    call.need("read", "pull_requests")
    return Answer(200, whole_pull(call.links, call.state, call.pull("pull_number")))


@route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls")
def pulls_of_commit(call: Call) -> Answer:
    """The open pull requests whose head branch, in this very repository, is at the commit. A
    fork's commit is to be asked of the fork."""
    call.need("read", "pull_requests")
    name, sha = call.repository.full_name, call.path["commit_sha"]
    found = [
        one
        for one in call.state.pulls.values()
        if (one.head_repository, one.head_sha) == (name, sha)
        and (one.state == "open" or one.merged)
    ]
    if not found and not call.state.has_commit(name, sha):
        raise not_found()
    return page(found, lambda p: pull(call.links, call.state, p), call.query, call.address)


@route("GET", "/repos/{owner}/{repo}/contents/{path}")
def get_content(call: Call) -> Answer:
    """A file; folders and links are not served."""
    call.need("read", "contents")
    store, path = call.repository.store, call.path["path"]
    ref = call.query.get("ref", call.repository.default_branch)
    try:
        content = store.read("blob", f"{ref}:{path}")
        sha = store.text("rev-parse", f"{ref}:{path}")
    except NoSuchObjectError:
        raise not_found() from None
    name = call.repository.full_name
    address = call.links.repository(name, f"/contents/{path}?ref={ref}")
    page = f"{call.links.web}/{name}/blob/{ref}/{path}"
    links = {"self": address, "git": None, "html": page}
    shown = {
        "type": "file",
        "encoding": "base64",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": encodebytes(content).decode(),
        "sha": sha,
        "url": address,
        "git_url": call.links.repository(name, f"/git/blobs/{sha}"),
        "html_url": page,
        "download_url": f"{call.links.web}/raw/{name}/{ref}/{path}",
        "_links": links,
    }
    return Answer(200, shown)
