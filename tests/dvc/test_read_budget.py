"""A commit may have as many stages and outs as its DVC files have room for."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import Limits
from tests.support.git_repo import GitRepo

# Few stages need no room: a tenth of these.
BOUNDS = Limits(stages=100)
ENTRY = """\
  s@#:
    cmd: python train.py --fold # --out models/#.pkl
    deps:
    - path: data/#.csv
      hash: md5
      md5: 22a1a2931c8370d3aeedd7183606fd7f
      size: 1402313
    - path: train.py
      hash: md5
      md5: 22a1a2931c8370d3aeedd7183606fd7f
      size: 140231
    outs:
    - path: models/#.pkl
      hash: md5
      md5: 22a1a2931c8370d3aeedd7183606fd7f
      size: 140231
"""
LOCK = "schema: '2.0'\nstages:\n"


def template(count: int, outs: str = "'models/${item}.pkl'") -> str:
    return f"""\
stages:
  s:
    foreach: [{", ".join(map(str, range(count)))}]
    do:
      cmd: python train.py --fold ${{item}} --out models/${{item}}.pkl
      deps: ['data/${{item}}.csv', train.py]
      outs: [{outs}]
"""


def entries(count: int) -> str:
    return LOCK + "".join(ENTRY.replace("#", str(number)) for number in range(count))


def commit(repo: GitRepo, files: Mapping[str, str]) -> str:
    for name, content in files.items():
        repo.write(name, content)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "-m", "x")
    return repo.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"dvc.yaml": template(9)}, ()),
        (
            {"dvc.yaml": template(40)},
            ("`s` would generate 40 stages, more than the 10 that are read",),
        ),
        ({"dvc.yaml": template(40), "dvc.lock": entries(40)}, ()),
        (
            {"dvc.yaml": template(101), "dvc.lock": entries(101)},
            ("`s` would generate 101 stages, more than the 100 that are read",),
        ),
        (
            {"dvc.yaml": template(9, "'a${item}', 'b${item}', 'c${item}'")},
            ("27 outs of stages, where the commit has 20 left for DVC files of this size",),
        ),
        (
            {f"p{n}/dvc.yaml": template(8) for n in range(2)},
            ("`s` would generate 8 stages, more than the 2 that are read",),
        ),
        # A lock without a `dvc.yaml` beside it is not read, and gives no room.
        (
            {"dvc.yaml": template(40), "p/dvc.lock": entries(40)},
            ("`s` would generate 40 stages, more than the 10 that are read",),
        ),
        (
            {
                "dvc.yaml": "stages: {}\n",
                "dvc.lock": LOCK + "".join(f"  s{n}: x\n" for n in range(12)),
            },
            ("12 stages, where the commit has 10 left for DVC files of this size",),
        ),
        ({f"{n}.dvc": f"outs:\n- path: '{n}'\n" for n in range(40)}, ()),
    ],
    ids=[
        "few",
        "a template that never ran",
        "all ran",
        "more than any commit",
        "outs",
        "copies",
        "a lock that is not read",
        "a lock of short lines",
        "dvc files",
    ],
)
def test_stages_and_outs_by_the_bytes_of_dvc_files(
    tmp_path: Path, files: Mapping[str, str], said: tuple[str, ...]
) -> None:
    head = commit(GitRepo(tmp_path), {".dvc/config": "", **files})
    lineage = LineageReader(open_repository(tmp_path), BOUNDS).read(head)
    assert tuple(problem.message for problem in lineage.problems) == said


def test_room_of_one_commit_says_nothing_of_another(tmp_path: Path) -> None:
    """The `dvc.yaml` is the same; only the head has a lock."""
    repo = GitRepo(tmp_path)
    base = commit(repo, {".dvc/config": "", "dvc.yaml": template(40)})
    head = commit(repo, {"dvc.lock": entries(40)})
    for order in ((base, head), (head, base)):
        reader = LineageReader(open_repository(tmp_path), BOUNDS)
        stages = {commit: len(reader.read(commit).stages) for commit in order}
        assert stages == {base: 0, head: 40}


def test_the_limit_can_be_raised(tmp_path: Path) -> None:
    head = commit(GitRepo(tmp_path), {".dvc/config": "", "dvc.yaml": template(40)})
    lineage = LineageReader(open_repository(tmp_path), Limits(stages=400)).read(head)
    assert not lineage.problems
    assert len(lineage.stages) == 40
