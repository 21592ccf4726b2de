"""What a forge does for us: it takes comments and check runs, and knows pull requests."""

from typing import Protocol

from lineage_diff.forge.publication import (
    Check,
    Comment,
    FoundPullRequest,
    Head,
    Note,
    Published,
    Target,
)


class Forge(Protocol):
    """A forge as one token sees it. What it refuses is a note in the result, not an exception.

    A further kind is a folder beside `forge/github` with a class that has these four methods.
    """

    def publish_comment(self, target: Target, comment: Comment) -> Published:
        """Create the one comment of the target, or bring the one that is there up to date."""
        ...

    def publish_check(self, check: Check) -> Published:
        """Create a completed check run, with its annotations."""
        ...

    def find_pull_request(self, repository: str, head: Head) -> FoundPullRequest:
        """Return the open pull request of the repository that has this head."""
        ...

    def remove_images(self, repository: str, pull_request: int) -> tuple[Note, ...]:
        """Remove the images of a closed pull request, and return what could not be removed."""
        ...
