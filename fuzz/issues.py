"""The issue on what a branch leaves stale, behind a proxy that breaks what it passes on.

    python fuzz/issues.py [--runs N] [--seed N]

Up to three runs of one branch go at once, with pushes in between; then one run goes undisturbed.
There must be one open issue, of the newest commit, or none if everything is fresh. A storm that
fails is named by its seed.
"""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.publish.branch import make_branch
from tests.publish.issue_storm import IssueStorm, Weather
from tests.support.github import GitHubServer


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    weather, failed, seed = Weather(), list[int](), asked.seed
    with tempfile.TemporaryDirectory(prefix="storms-") as folder, GitHubServer() as server:
        branch = make_branch(Path(folder) / "models", server)
        while weather.runs < asked.runs and len(failed) < 20:
            try:
                IssueStorm(branch, seed).run(weather)
            except Exception:
                failed.append(seed)
                traceback.print_exc()
            seed += 1
    print(
        json.dumps(
            {
                "storms": weather.storms,
                "runs": weather.runs,
                "requests": weather.requests,
                "doubles": weather.doubles,
                "faults": dict(sorted(weather.faults.items())),
                "failed": failed,
            }
        )
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
