"""Every limit of the configuration reaches what it bounds."""

import hashlib

import pytest
from msgspec.structs import replace

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.errors import InputError
from lineage_diff.limits import KEYS
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo

PIPELINE = """stages:
  prepare:
    cmd: python prepare.py
    deps: [data, prepare.py]
    outs: [clean.csv]
  train:
    cmd: python train.py
    deps: [clean.csv, train.py]
    params: [lr]
    outs: [model.pkl]
    metrics: [{metrics.json: {cache: false}}]
plots:
- a.csv: {x: step, y: loss}
- b.csv: {x: step, y: loss}
"""
# As good as no limit.
UNREACHED = 10**9


def lock(data: str, script: str, number: int) -> str:
    return f"""schema: '2.0'
stages:
  prepare:
    cmd: python prepare.py
    deps:
    - {{path: data, hash: md5, md5: {"d" * 32}.dir, size: 1, nfiles: 2}}
    - {{path: prepare.py, hash: md5, md5: {md5("import helper")}, size: 13}}
    outs:
    - {{path: clean.csv, hash: md5, md5: {md5(data)}, size: 3}}
  train:
    cmd: python train.py
    deps:
    - {{path: clean.csv, hash: md5, md5: {md5(data)}, size: 3}}
    - {{path: train.py, hash: md5, md5: {md5(script)}, size: 1}}
    params:
      params.yaml: {{lr: {number}}}
    outs:
    - {{path: model.pkl, hash: md5, md5: {str(number) * 32}, size: 4}}
"""


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def write(repo: GitRepo, number: int, locked: bool) -> None:
    files = {
        "prepare.py": "import helper",
        "helper.py": f"x = {number}\n",
        "train.py": f"# {number}\n",
        "data/a.csv": f"a\n{number}\n",
        "params.yaml": f"lr: {number}\n",
        "metrics.json": f'{{"accuracy": 0.{number}}}',
        "a.csv": f"step,loss\n1,{number}\n",
        "b.csv": f"step,loss\n1,{number}\n",
    }
    for name, text in files.items():
        repo.write(name, text)
    if locked:
        repo.write("dvc.lock", lock(files["data/a.csv"], files["train.py"], number))


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    made = GitRepo(tmp_path_factory.mktemp("limits") / "repo")
    made.write(".dvc/config", "")
    made.write(".gitignore", "/model.pkl\n/clean.csv\n")
    made.write("dvc.yaml", PIPELINE)
    for number in (1, 2, 3):
        write(made, number, locked=True)
        made.commit()
    made.git("branch", "start")
    for number in (4, 5):
        write(made, number, locked=number == 4)
        made.commit()
    # Its entries are older than its text.
    made.write("dvc.lock", (made.path / "dvc.lock").read_bytes() + b"# Written again.\n")
    made.commit()
    made.git("branch", "head")
    return made


def outcome(repo: GitRepo, key: str, most: int) -> Report | str:
    """Compare within a limit that the base sets; returns the report without the base's id."""
    repo.git("checkout", "-q", "-B", "base", "start")
    repo.write(".github/lineage-diff.yml", f"limits: {{{key}: {most}}}\n")
    repo.commit()
    try:
        report = compare_revisions(Request(repo.path, "base", "head")).report
    except InputError as error:
        return str(error)
    # It names the commit of the configuration.
    findings = tuple(item for item in report.findings if item.rule != "policy-changed")
    return replace(report, base=report.head, findings=findings)


@pytest.mark.parametrize("key", KEYS)
def test_a_limit_of_the_configuration_is_kept_to(repo: GitRepo, key: str) -> None:
    usual = outcome(repo, key, UNREACHED)
    assert isinstance(usual, Report)
    assert outcome(repo, key, 1) != usual
    # Nothing of it is left behind.
    assert outcome(repo, key, UNREACHED) == usual
