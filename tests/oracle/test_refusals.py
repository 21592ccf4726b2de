"""A project has an error where DVC refuses it, and none where DVC does not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_diff.app.lint import LintRequest, lint
from tests.oracle.folders import refusals
from tests.oracle.refusal_cases import CASES, DIFFERENT, IN_A_FOLDER, Files
from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo
from tests.support.json_process import JsonProcess

_DOCUMENT = Path(__file__).parents[2] / "docs/differences-from-dvc.md"
_WORKER = Path(__file__).with_name("refusals_worker.py")


class Judge:
    """Asks the real DVC, in one process for all projects."""

    def __init__(self) -> None:
        self._process = JsonProcess(_WORKER, dvc_environment())

    def refusal(self, folder: Path) -> str | None:
        """Return why DVC refuses the project in a folder, `None` where it does not."""
        found: str | None = self._process.ask(str(folder))
        return found

    def close(self) -> None:
        """End the process."""
        self._process.close()


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def project(folder: Path, files: Files) -> GitRepo:
    repo = GitRepo(folder)
    for path, text in {".dvc/config": "", "f": "1\n", **files}.items():
        repo.write(path, text)
    return repo


def errors(repo: GitRepo) -> list[str]:
    return refusals(lint(LintRequest(repo.path)).report.findings)


@pytest.mark.parametrize("case", sorted(CASES.keys() - DIFFERENT))
def test_an_error_is_what_dvc_refuses(case: str, tmp_path: Path, judge: Judge) -> None:
    if case.startswith("out: webdav"):
        pytest.importorskip("dvc_webdav", reason="dvc-webdav is not installed (dev-storage)")
    repo = project(tmp_path / "repo", CASES[case])
    found = errors(repo)
    refusal = judge.refusal(repo.path)
    assert bool(found) == (refusal is not None), (found, refusal)


def test_the_documentation_lists_what_differs() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    assert dict(re.findall(r"^- `(\w+: [\w-]+)`: (.+)$", text, re.MULTILINE)) == DIFFERENT


@pytest.mark.parametrize("case", sorted(DIFFERENT))
def test_what_differs_is_refused_by_dvc_alone(case: str, tmp_path: Path, judge: Judge) -> None:
    repo = project(tmp_path / "repo", CASES[case])
    assert errors(repo) == []
    assert judge.refusal(repo.path) is not None


def test_a_project_in_a_folder_may_not_cache_what_lies_beside_it(
    tmp_path: Path, judge: Judge
) -> None:
    repo = project(tmp_path / "repo", IN_A_FOLDER)
    assert [line.partition(": ")[0] for line in errors(repo)] == [
        "invalid-pipeline sub/dvc.yaml:2 stage `a`"
    ]
    assert judge.refusal(repo.path / "sub") is not None
