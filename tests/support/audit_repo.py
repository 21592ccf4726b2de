"""A repository with a past: data that was bad for a while, a broken lock, a model that moved."""

import hashlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.git_repo import GitRepo

TRAIN = b"print('fit')\n"

PIPELINE = """stages:
  train:
    cmd: python train.py
    deps:
    - data.csv
    - train.py
    params:
    - lr
    outs:
    - {model}
    metrics:
    - metrics.json:
        cache: false
artifacts:
  churn:
    path: {model}
    type: model
"""
LOCK = """schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: data.csv
      hash: md5
      md5: {data}
      size: 9
    - path: train.py
      hash: md5
      md5: {code}
      size: {code_size}
    params:
      params.yaml:
        lr: {lr}
    outs:
    - path: metrics.json
      hash: md5
      md5: {metrics}
      size: 14
    - path: {model}
      hash: md5
      md5: {out}
      size: 4
"""
DATA = "outs:\n- md5: {data}\n  size: 9\n  hash: md5\n  path: data.csv\n"


def past_repo(path: Path) -> "AuditRepo":
    """Return a new `AuditRepo` at a path: a copy of one that each process makes once."""
    return _first()[0].copy_to(path)


@cache
def _first() -> "tuple[AuditRepo, TemporaryDirectory[str]]":
    folder = TemporaryDirectory(prefix="audit-repo-")
    return AuditRepo(Path(folder.name)), folder


def content(name: str) -> str:
    """Return the hash that stands for a content of that name."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


class AuditRepo(GitRepo):
    """`commits` are its commits by what they did, in this order:

    `first`, `bad data`, `broken lock`, `other lr`, `good data`, `retrained`, `moved`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.commits: dict[str, str] = {}
        self.write(".dvc/config", "")
        self.write("train.py", TRAIN)
        self.data("good")
        self.run("good", lr=1, accuracy=0.8, out="one")
        self.step("first", "Train churn")
        self.annotate("churn@v1.0.0", "first")
        self.data("bad")
        self.run("bad", lr=1, accuracy=0.6, out="two")
        self.step("bad data", "Fetch new data (#12)")
        self.annotate("churn@v1.1.0", "bad data")
        self.annotate("churn#prod#1", "bad data")
        self.write("dvc.lock", "<<<<<<< HEAD\nschema: '2.0'\n")
        self.step("broken lock", "Merge by hand")
        self.run("bad", lr=2, accuracy=0.7, out="three")
        self.step("other lr", "Merge pull request #14 from team/lr")
        self.data("fixed")
        self.step("good data", "Fix the data (#15)")
        self.run("fixed", lr=2, accuracy=0.9, out="four")
        self.step("retrained", "Train again")
        self.annotate("churn@v2.0.0", "retrained")
        self.run("fixed", lr=2, accuracy=0.9, out="four", model="models/churn.pkl")
        self.step("moved", "Move the model")

    def data(self, name: str) -> None:
        """Track another content of the data."""
        self.write("data.csv.dvc", DATA.format(data=content(name)))

    def run(
        self, data: str, *, lr: int, accuracy: float, out: str, model: str = "model.pkl"
    ) -> None:
        """Write what a run of the stage would."""
        metrics = f'{{"accuracy": {accuracy}}}\n'
        self.write("params.yaml", f"lr: {lr}\n")
        self.write("metrics.json", metrics)
        self.write("dvc.yaml", PIPELINE.format(model=model))
        self.write(
            "dvc.lock",
            LOCK.format(
                data=content(data),
                code=content(TRAIN.decode()),
                code_size=len(TRAIN),
                lr=lr,
                metrics=content(metrics),
                model=model,
                out=content(out),
            ),
        )

    def step(self, name: str, message: str) -> None:
        """Commit, and remember the commit."""
        self.commits[name] = self.commit(message)

    def annotate(self, tag: str, name: str) -> None:
        """Make an annotated tag at a commit."""
        self.git("tag", "-a", "-m", tag, tag, self.commits[name])
