"""GitHub as an implementation of `Forge`."""

from lineage_diff.forge.github.check_runs import publish_check
from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.github.comments.leftovers import clear
from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.files import read_file
from lineage_diff.forge.github.issues.publish import publish_issue
from lineage_diff.forge.github.pull_requests import find_pull_request
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
    Target,
)


class GitHubForge:
    """A `Forge` on GitHub, with one connection and one deadline."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def publish_comment(self, target: Target, comment: Comment) -> Published:
        """Create or update the target's comment."""
        return publish_comment(self._github, target, comment)

    def publish_check(self, check: Check) -> Published:
        """Create a completed check run with annotations."""
        return publish_check(self._github, check)

    def find_pull_request(self, repository: str, head: Head) -> FoundPullRequest:
        """Return the open pull request with this head."""
        try:
            return FoundPullRequest(find_pull_request(self._github, repository, head))
        except RefusedError as refused:
            return FoundPullRequest(notes=(Note("comment", refused.why, refused.message),))

    def remove_images(self, repository: str, pull_request: int) -> tuple[Note, ...]:
        """Remove the images and stale locks of a closed pull request's comments."""
        return clear(self._github, repository, pull_request)

    def publish_issue(self, target: IssueTarget, issue: Issue) -> Published:
        """Open, update or close the target's issue."""
        return publish_issue(self._github, target, issue)

    def read_file(self, repository: str, commit: str, path: str, most: int) -> FoundFile:
        """Return a file at a commit of a repository."""
        return read_file(self._github, repository, commit, path, most)


def connect_github(token: str, api_url: str) -> GitHubForge:
    """Return the forge for the token and `GITHUB_API_URL`, without sending a request."""
    return GitHubForge(connect(token, api_url))
