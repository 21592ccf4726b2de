"""A real repository whose metrics, plots and data lie in DVC's storage, and that storage."""

import shutil
from pathlib import Path

from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
metrics: [live]
plots: [{curve.csv: {x: step, y: loss}}]
stages:
  split:
    cmd: mkdir -p parts && cp raw/*.txt parts
    deps: [raw]
    outs: [parts]
  fit:
    cmd: mkdir -p live && cp scores.json m.json && cp m.json live/a.json && cp points.csv curve.csv
    deps: [parts/a.txt, scores.json, points.csv]
    metrics: [m.json]
    outs: [live, curve.csv]
"""


def stored_repo(path: Path, shell: DvcShell, url: str = "../store") -> DvcRepo:
    """Make two commits, `v1` and `v2`, with `store` as their default remote; it holds nothing.

    In `raw` a file is modified, one removed, one added and one renamed; `same` stays as it is.
    """
    repo = DvcRepo(path, shell)
    repo.dvc("remote", "add", "-q", "-d", "store", url)
    repo.files(
        {
            "dvc.yaml": PIPELINE,
            "scores.json": '{"auc": 0.9, "loss": {"train": 1}}',
            "points.csv": "step,loss\n1,3\n2,2\n",
            "raw/a.txt": "a\n",
            "raw/b.txt": "b\n",
            "raw/deep/c.txt": "c\n",
            "raw/d.txt": "d\n",
            "same/x.txt": "x\n",
        }
    )
    repo.dvc("add", "-q", "raw", "same")
    repo.repro("One")
    repo.git("tag", "v1")
    repo.files(
        {
            "scores.json": '{"auc": 0.8, "loss": {"train": 2}, "new": 1}',
            "points.csv": "step,loss\n1,3\n2,1\n",
            "raw/b.txt": "bb\n",
            "raw/e.txt": "e\n",
        }
    )
    (repo.root / "raw/deep/c.txt").rename(repo.root / "raw/deep/moved.txt")
    (repo.root / "raw/d.txt").unlink()
    repo.dvc("add", "-q", "raw")
    repo.repro("Two")
    repo.git("tag", "v2")
    return repo


LAYOUTS = """\
metrics: [evaluation, deep/live]
stages:
  score:
    cmd:
      - mkdir -p evaluation deep/live/x
      - cp p.json evaluation/m.json
      - cp p.json deep/live/x/a.json
      - cp p.json deep/live/b.yaml
      - cp p.json one.json
      - cp p.json two.v1.toml
    deps: [p.json]
    outs: [evaluation/m.json, deep/live]
    metrics: [one.json, two.v1.toml]
"""


def metric_layouts(path: Path, shell: DvcShell) -> DvcRepo:
    """Metrics that DVC keeps beside Git's in a folder, in a directory out, and one that moves."""
    repo = DvcRepo(path, shell)
    repo.files(
        {
            "dvc.yaml": LAYOUTS,
            "p.json": '{"a": 1, "b": {"c": [1], "d": "x"}}',
            "evaluation/git.json": '{"z": 1}',
        }
    )
    repo.repro("One")
    repo.files({"p.json": '{"a": 2, "b": {"c": 1, "d": "y"}}', "evaluation/git.json": '{"z": 2}'})
    repo.repro("Two")
    repo.edit("dvc.yaml", "[one.json,", "[one.json: {cache: false},")
    repo.edit(".gitignore", "/one.json\n", "")
    repo.files({"p.json": '{"a": 3}'})
    repo.repro("One of them in Git")
    return repo


def fill(storage: Path, repo: DvcRepo) -> None:
    """Put the data of all commits into a folder, as `dvc push` would: caches have the same layout.

    At a revision DVC itself resolves the relative address of a remote against the root.
    """
    shutil.copytree(repo.root / ".dvc" / "cache", storage)


def object_path(storage: Path, value: str) -> Path:
    """Return where a storage of DVC 3 keeps an object."""
    return storage / "files" / "md5" / value[:2] / value[2:]
