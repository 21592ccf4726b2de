"""Publish the issue on what a branch leaves stale: exactly one open one, even after failures."""

from lineage_diff.forge.github.author import Author
from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError
from lineage_diff.forge.github.issues.writer import IssueWriter
from lineage_diff.forge.github.marker import marker_of
from lineage_diff.forge.publication import Issue, IssueTarget, Note, Published

# Rounds: another run may open or close an issue between two of our requests.
_ROUNDS = 6


def publish_issue(github: GitHub, target: IssueTarget, issue: Issue) -> Published:
    """Open, update or close the issue of the target's id.

    A run writes only while its commit is the tip of the branch, and updates only under a lock, so
    that the newest commit wins in any order of runs. Of several open issues the oldest stays, and
    the others are closed. Anything not published is a note. Raises `ValueError` for an invalid id.
    """
    writer = IssueWriter(github, target, issue, marker_of(target), Author(github))
    try:
        for _ in range(_ROUNDS):
            done = writer.write()
            if isinstance(done, Published):
                return done
            if done.after:
                github.wait(done.after)
    except RefusedError as refused:
        why = "gone" if refused.status == 410 else refused.why
        return Published("nothing", notes=(Note("issue", why, refused.message),))
    return Published("nothing", notes=(Note("issue", "unavailable"),))
