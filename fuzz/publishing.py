"""The Action's program behind a proxy that breaks what it passes on to a stand-in for GitHub.

    python fuzz/publishing.py [--runs N] [--seed N]

Up to three runs of one pull request go at once, with pushes in between; then one run goes
undisturbed. There must be one comment, of the newest head, nothing left besides, no token anywhere,
and each exit code that of the verdict. A storm that fails is named by its seed.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.storms import blow_all, read_arguments
from tests.action.storm import blow, kept_judgements, make_heads
from tests.support.github import GitHubServer
from tests.support.github.storm import Weather


def main() -> None:
    """Run what the command line asks for."""
    asked, weather = read_arguments(__doc__), Weather()
    with (
        tempfile.TemporaryDirectory(prefix="storms-") as folder,
        GitHubServer() as github,
        kept_judgements(),
    ):
        heads = make_heads(Path(folder), github)
        blow_all(
            asked, weather, lambda seed: blow(heads, Path(folder) / f"storm-{seed}", seed, weather)
        )


if __name__ == "__main__":
    main()
