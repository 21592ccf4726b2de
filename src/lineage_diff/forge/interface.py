"""The interface of a forge: comments, check runs, pull requests, issues and files."""

from typing import Protocol

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


class Forge(Protocol):
    """A forge, accessed with one token. A refusal is a note in the result, not an exception.

    To support another forge, add a folder beside `forge/github` with a class that has these six
    methods.
    """

    def publish_comment(self, target: Target, comment: Comment) -> Published:
        """Create or update the one comment of the target."""
        ...

    def publish_check(self, check: Check) -> Published:
        """Create a completed check run, with its annotations."""
        ...

    def find_pull_request(self, repository: str, head: Head) -> FoundPullRequest:
        """Return the open pull request of the repository with this head."""
        ...

    def remove_images(self, repository: str, pull_request: int) -> tuple[Note, ...]:
        """Remove the images of a closed pull request, and return what could not be removed."""
        ...

    def publish_issue(self, target: IssueTarget, issue: Issue) -> Published:
        """Open, update or close the one issue of the target."""
        ...

    def read_file(self, repository: str, commit: str, path: str, most: int) -> FoundFile:
        """Return a file at a commit of a repository, of at most so many bytes."""
        ...
