"""The exported graph of every commit of the real repositories has the edges of DVC's graph."""

import json
from collections.abc import Callable
from posixpath import join

import pytest

from lineage_diff.catalog.writers.dag_json import write_dag
from tests.oracle.dvc_judge import DvcJudge
from tests.support.dvc_repo import DvcRepo
from tests.support.dvc_repos import BUILDERS
from tests.support.facts import Facts


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_the_edges_are_those_that_dvc_draws(name: str, built: Callable[[str], DvcRepo]) -> None:
    repo = built(name)
    edges = 0
    with DvcJudge(repo.root) as judge:
        for commit in repo.git("rev-list", "HEAD").split():
            index = judge.ask(commit)["index"][commit].get("data")
            if index is None or not index["stages"]:
                continue
            (part,) = write_dag(Facts(repo.path, rev=commit).all)
            dag = json.loads(part.data)
            found = [
                [edge["downstream"], edge["upstream"]]
                for edge in dag["edges"]
                if edge["is_known_to_dvc"]
            ]
            assert sorted(found) == [
                [join(repo.project, user), join(repo.project, maker)]
                for user, maker in index["edges"]
            ]
            assert [node["id"] for node in dag["nodes"]] == sorted(
                join(repo.project, stage) for stage in index["stages"]
            )
            edges += len(found)
    assert edges or name == "top-level"
