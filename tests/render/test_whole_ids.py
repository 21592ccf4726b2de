"""Hashes and commits are short where they are read; a page to file has the whole ones once."""

import re

import pytest

from tests.support.git_repo import GitRepo
from tests.support.projects import call
from tests.support.promotion_repo import in_use

WHOLE = re.compile(r"\b[0-9a-f]{32,64}\b")
UNSEEN = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """A repository whose model has registered versions."""
    repo = in_use(tmp_path_factory.mktemp("whole") / "repo")
    repo.trained(0.91)
    return repo


@pytest.mark.parametrize(
    ("command", "ends"),
    [
        ("compare HEAD~1 HEAD", {"html": "Exact revisions"}),
        ("status", {"html": "Exact revision"}),
        ("audit", {"html": "Exact versions"}),
        ("trace churn", {"html": "Exact versions"}),
        ("history churn", {"html": "Exact revision"}),
        ("impact train.py", {"html": "Exact revision"}),
        ("gate churn#prod", {"markdown": "Exact revisions"}),
    ],
)
@pytest.mark.parametrize("whole_name", [False, True], ids=["HEAD", "commit"])
def test_whole_ids_stand_at_the_end_of_a_page_only(
    repo: GitRepo, command: str, ends: dict[str, str], whole_name: bool
) -> None:
    head = repo.git("rev-parse", "HEAD")
    words = [head if word == "HEAD" and whole_name else word for word in command.split()]
    if whole_name and words[0] in ("audit", "trace", "history", "impact"):
        words += ["--rev", head]
    for form in ("terminal", "markdown", "html"):
        if words[0] == "gate" and form == "html":
            continue
        shown = UNSEEN.sub(" ", call(*words, "--format", form, cwd=repo.path).stdout)
        read, _, exact = shown.partition(ends.get(form, "\0"))
        assert WHOLE.findall(read) == []
        ids = WHOLE.findall(exact)
        assert (head in ids) == (form in ends)


def test_an_audit_names_each_whole_version_once(repo: GitRepo) -> None:
    page = call("audit", "--format", "html", cwd=repo.path).stdout
    exact = UNSEEN.sub(" ", page).partition("Exact versions")[2]
    lock = (repo.path / "dvc.lock").read_text(encoding="utf-8")
    (model,) = re.findall(r"path: model\.pkl\n(?:.*\n)??\s+md5: (\w+)", lock)
    assert exact.count(model) == 1
