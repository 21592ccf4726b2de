"""Every pair of neighbouring commits of the real repositories: the same answers as DVC's."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import open_repository
from tests.oracle.answers import Difference, Pair
from tests.oracle.differences import explain
from tests.oracle.dvc_judge import DvcJudge, dvc_data_diff, dvc_metrics_diff, dvc_params_diff
from tests.support.dvc_repo import DvcRepo, dvc_environment
from tests.support.dvc_repos import BUILDERS
from tests.support.states import state_alone

EXPLAINED = {"second-version": {"rehashed"}, "top-level": {"cached-values"}}


def _commits(repo: DvcRepo) -> list[str]:
    return repo.git("rev-list", "--reverse", "HEAD").split()


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_neighbouring_commits_differ_as_dvc_says(
    name: str, built: Callable[[str], DvcRepo]
) -> None:
    repo = built(name)
    commits = _commits(repo)
    reader = LineageReader(open_repository(repo.path))
    states = [state_alone(reader, commit) for commit in commits]
    unexplained: list[tuple[str, Difference]] = []
    rules: set[str] = set()
    with DvcJudge(repo.root) as judge:
        for base, head in pairwise(states):
            answer = judge.ask(base.commit, head.commit)
            pair = Pair.of(base, head, answer, repo.project)
            for difference in pair.differences():
                if rule := explain(difference, pair):
                    rules.add(rule)
                else:
                    unexplained.append(
                        (repo.git("log", "-1", "--format=%s", head.commit), difference)
                    )
    assert unexplained == []
    assert rules == EXPLAINED.get(name, set())


def test_the_first_commit_against_the_last_differs_as_dvc_says(
    built: Callable[[str], DvcRepo],
) -> None:
    repo = built("plain")
    first, *_, last = _commits(repo)
    reader = LineageReader(open_repository(repo.path))
    with DvcJudge(repo.root) as judge:
        pair = Pair.of(
            state_alone(reader, first), state_alone(reader, last), judge.ask(first, last)
        )
        assert list(pair.differences()) == []


@pytest.mark.parametrize(
    ("command", "ask"),
    [
        (("metrics", "diff", "--json"), dvc_metrics_diff),
        (("params", "diff", "--json"), dvc_params_diff),
        (("diff", "--json", "--show-hash"), dvc_data_diff),
    ],
)
def test_the_worker_answers_as_the_command_does(
    command: tuple[str, ...],
    ask: Callable[[DvcJudge, str, str], object],
    built: Callable[[str], DvcRepo],
) -> None:
    repo = built("plain")
    commits = _commits(repo)
    base, head = commits[0], commits[3]
    printed = subprocess.run(
        [sys.executable, "-m", "dvc", *command, base, head],
        cwd=repo.root,
        env=dvc_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with DvcJudge(repo.root) as judge:
        answer = ask(judge, base, head)
    assert answer == json.loads(printed)
    assert answer
