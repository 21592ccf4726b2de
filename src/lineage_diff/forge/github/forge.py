"""GitHub as a forge."""

from lineage_diff.forge.github.check_runs import publish_check
from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.github.comments.leftovers import clear
from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.pull_requests import find_pull_request
from lineage_diff.forge.publication import (
    Check,
    Comment,
    FoundPullRequest,
    Head,
    Note,
    Published,
    Target,
)


class GitHubForge:
    """Publishes on GitHub, over one connection with one limit of time. A `Forge`."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def publish_comment(self, target: Target, comment: Comment) -> Published:
        """Create the target's comment, or bring it up to date."""
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
        """Remove the images and the forgotten locks of a closed pull request's comments."""
        return clear(self._github, repository, pull_request)


def connect_github(token: str, api_url: str) -> GitHubForge:
    """Return GitHub as the token sees it, at `GITHUB_API_URL`; nothing is asked yet."""
    return GitHubForge(connect(token, api_url))
