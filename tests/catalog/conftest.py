"""The facts of a small project with edges of each kind."""

import pytest

from lineage_diff.catalog.facts import Fact
from tests.support.export_layout import write_layout
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo


@pytest.fixture
def facts(git_repo: GitRepo) -> list[Fact]:
    git_repo.git("remote", "add", "origin", "git@github.com:acme/churn.git")
    write_layout(git_repo)
    return Facts(git_repo.path).all
