"""Up to three runs of a pull request at once, behind a proxy that breaks what it passes on.

More of them, with seeds of one's own: `fuzz/publishing.py`.
"""

from pathlib import Path

from tests.action.storm import blow, kept_judgements, make_heads
from tests.support.github import GitHubServer, needs_description
from tests.support.github.proxy import KINDS
from tests.support.github.storm import Weather

STORMS = range(40)


@needs_description
def test_one_comment_of_the_newest_head_and_nothing_else_is_left(tmp_path: Path) -> None:
    weather = Weather()
    with GitHubServer() as github, kept_judgements():
        heads = make_heads(tmp_path, github)
        for seed in STORMS:
            blow(heads, tmp_path / f"storm-{seed}", seed, weather)
    assert (weather.storms, weather.faults.keys()) == (len(STORMS), KINDS.keys())
