"""Code that DVC sees otherwise, because a `.dvcignore` changed, is a cause like an edited one."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.support.git_repo import GitRepo

STAGE = "stages:\n  train:\n    cmd: fit\n    deps: [src]\n    outs: [model.pkl]\n"

LOCK = f"""schema: '2.0'
stages:
  train:
    cmd: fit
    deps:
    - path: src
      hash: md5
      md5: {"a" * 32}.dir
      size: 2
      nfiles: 2
    outs:
    - path: model.pkl
      hash: md5
      md5: {"b" * 32}
      size: 1
"""


@pytest.mark.parametrize(
    ("before", "after", "causes"),
    [
        ("", "src/b.py\n", ["src"]),
        ("src/b.py\n", "", ["src"]),
        ("src/b.py\n", "src/*.py\n", ["src"]),
        ("", "other/\n", []),
        ("src/b.py\n", "b.py\n", []),
    ],
)
def test_a_changed_dvcignore_is_a_cause_where_it_changes_what_dvc_sees(
    git_repo: GitRepo, before: str, after: str, causes: list[str]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", STAGE)
    git_repo.write("dvc.lock", LOCK)
    for name in ("a", "b"):
        git_repo.write(f"src/{name}.py", name)
    for patterns in (before, after):
        git_repo.write(".dvcignore", patterns)
        git_repo.commit()
    (model,) = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.models
    assert [cause.subject for cause in model.causes] == causes
