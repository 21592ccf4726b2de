"""The exported graph has the edges of DVC's graph: of every commit of the real repositories, and of
a project with every kind of edge."""

import json
from collections.abc import Callable
from pathlib import Path
from posixpath import join

import pytest

from lineage_diff.catalog.writers.dag_json import write_dag
from tests.oracle.dvc_judge import DvcJudge
from tests.support.dvc_repo import DvcRepo
from tests.support.dvc_repos import BUILDERS
from tests.support.export_layout import write_layout
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_the_edges_are_those_that_dvc_draws(name: str, built: Callable[[str], DvcRepo]) -> None:
    repo = built(name)
    assert _edges_as_in_dvc(repo, repo.root, repo.project) or name == "top-level"


def test_every_kind_of_edge(git_repo: GitRepo) -> None:
    write_layout(git_repo, "s3")
    assert _edges_as_in_dvc(git_repo, git_repo.path, "") == 5


def _edges_as_in_dvc(repo: GitRepo, root: Path, project: str) -> int:
    """Compare the graphs of all commits, and return the number of edges."""
    edges = 0
    with DvcJudge(root) as judge:
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
                [join(project, user), join(project, producer)] for user, producer in index["edges"]
            ]
            assert [node["id"] for node in dag["nodes"]] == sorted(
                join(project, stage) for stage in index["stages"]
            )
            edges += len(found)
    return edges
