"""The issue on what a branch leaves stale, behind a proxy that breaks what it passes on.

    python fuzz/issues.py [--runs N] [--seed N]

Up to three runs of one branch go at once, with pushes in between; then one run goes undisturbed.
There must be one open issue, of the newest commit, or none if everything is fresh. A storm that
fails is named by its seed.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.storms import blow_all, read_arguments
from tests.publish.branch import make_branch
from tests.publish.issue_storm import IssueStorm, IssueWeather
from tests.support.github import GitHubServer


def main() -> None:
    """Run what the command line asks for."""
    asked, weather = read_arguments(__doc__), IssueWeather()
    with tempfile.TemporaryDirectory(prefix="storms-") as folder, GitHubServer() as server:
        branch = make_branch(Path(folder) / "models", server)
        blow_all(asked, weather, lambda seed: IssueStorm(branch, seed).run(weather))


if __name__ == "__main__":
    main()
