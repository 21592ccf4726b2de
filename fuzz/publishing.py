"""The Action's program behind a proxy that breaks what it passes on to a stand-in for GitHub.

    python fuzz/publishing.py [--runs N] [--seed N]

Up to three runs of one pull request go at once, with pushes in between; then one run goes
undisturbed. There must be one comment, of the newest head, nothing left besides, no token anywhere,
and each exit code that of the verdict. A storm that fails is named by its seed.
"""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.action.storm import Weather, blow, kept_judgements, make_heads
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
    with (
        tempfile.TemporaryDirectory(prefix="storms-") as folder,
        GitHubServer() as github,
        kept_judgements(),
    ):
        heads = make_heads(Path(folder), github)
        while weather.runs < asked.runs and len(failed) < 20:
            try:
                blow(heads, Path(folder) / f"storm-{seed}", seed, weather)
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
                "faults": dict(sorted(weather.faults.items())),
                "failed": failed,
            }
        )
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
