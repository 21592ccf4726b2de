"""Addresses of the stand-in itself, since clients follow the ones they are given."""

from dataclasses import dataclass
from urllib.parse import quote

_OF_REPOSITORY = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
    "url": "",
}
_OF_USER = {
    "events_url": "/events{/privacy}",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "organizations_url": "/orgs",
    "received_events_url": "/received_events",
    "repos_url": "/repos",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "url": "",
}


@dataclass(frozen=True, slots=True)
class Links:
    """`web` and `api` are addresses without a slash at the end."""

    web: str
    api: str

    def repository(self, full_name: str, rest: str = "") -> str:
        """Return an address of the API within a repository."""
        return f"{self.api}/repos/{full_name}{rest}"

    def repository_urls(self, full_name: str) -> dict[str, str]:
        """Return a repository's addresses, some of them URI templates, as GitHub lists them."""
        return {name: self.repository(full_name, rest) for name, rest in _OF_REPOSITORY.items()}

    def user_urls(self, login: str) -> dict[str, str]:
        """Return a user's addresses, some of them URI templates, as GitHub lists them."""
        account = quote(login)
        return {name: f"{self.api}/users/{account}{rest}" for name, rest in _OF_USER.items()} | {
            "avatar_url": f"{self.web}/avatars/{account}",
            "html_url": f"{self.web}/{account}",
        }
