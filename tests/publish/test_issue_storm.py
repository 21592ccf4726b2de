"""Up to three runs of a branch at once, behind a proxy that breaks what it passes on.

More of them, with seeds of one's own: `fuzz/issues.py`.
"""

from pathlib import Path

from tests.publish.branch import make_branch
from tests.publish.issue_storm import IssueStorm, IssueWeather
from tests.support.github import GitHubServer, needs_description
from tests.support.github.proxy import KINDS

STORMS = range(80)


@needs_description
def test_one_issue_of_the_newest_commit_is_left(tmp_path: Path) -> None:
    weather = IssueWeather()
    with GitHubServer() as server:
        branch = make_branch(tmp_path / "models", server)
        for seed in STORMS:
            IssueStorm(branch, seed).run(weather)
    assert (weather.storms, weather.faults.keys()) == (len(STORMS), KINDS.keys())
