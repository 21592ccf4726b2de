"""A repository with one model, whose versions and stages the real GTO registers."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gto.api import assign, deprecate, deregister, register, unassign

from tests.support.git_repo import GitRepo

PIPELINE = """\
artifacts:
  churn: {path: model.pkl, type: model}
stages:
  train:
    cmd: python train.py
    deps:
    - data.csv
    - train.py
    outs:
    - model.pkl
    metrics:
    - metrics.json:
        cache: false
"""
CONFIG = ".github/lineage-diff.yml"
DATA = "outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: data.csv\n"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class PromotionRepo(GitRepo):
    """The model `churn` (`model.pkl`) is made by `train` from `data.csv` and `train.py`."""

    def __init__(
        self, path: str | os.PathLike[str], *, after: "PromotionRepo | None" = None
    ) -> None:
        """Make a repository, or open a clone; what is done in it is later than in `after`."""
        super().__init__(path)
        if after is not None:
            self._second = after._second
        self.git("config", "user.name", "Ann")
        self.git("config", "user.email", "ann@example.com")
        self.files: dict[str, str] = {"data.csv": "1\n", "train.py": "print(1)\n"}
        self.write(".dvc/config", "")
        self.write("dvc.yaml", PIPELINE)

    def edit(self, path: str, text: str) -> None:
        """Change an input without a run."""
        self.files[path] = text
        if path == "data.csv":
            self.write("data.csv.dvc", DATA.format(md5=md5(text), size=len(text)))
        else:
            self.write(path, text)

    def run(self, metrics: Mapping[str, Any], name: str = "") -> None:
        """Do what `dvc repro` would: write the lock for the inputs, and the metrics."""
        for path, text in self.files.items():
            self.edit(path, text)
        text = json.dumps(metrics)
        self.write("metrics.json", text)
        self.write("dvc.lock", self.lock(text, name))

    def lock(self, metrics: str, name: str = "", **deps: str) -> str:
        """Return the lock of a run; `deps` are texts that differ from the files, by stem."""
        lines = ["schema: '2.0'", "stages:", "  train:", "    cmd: python train.py", "    deps:"]
        for path in ("data.csv", "train.py"):
            text = deps.get(path.partition(".")[0], self.files[path])
            lines += _entry(path, md5(text), len(text))
        lines.append("    outs:")
        lines += _entry("metrics.json", md5(metrics), len(metrics))
        lines += _entry("model.pkl", md5(f"{name}{metrics}{sorted(self.files.items())}"), 4)
        return "\n".join(lines) + "\n"

    def trained(self, accuracy: Any, message: str = "train") -> str:
        """Edit the code, run, and commit."""
        self.edit("train.py", f"print({accuracy!r})\n")
        self.run({"accuracy": accuracy})
        return self.commit(message)

    def configure(self, text: str) -> None:
        """Commit a configuration."""
        self.write(CONFIG, text)
        self.commit("configuration")

    def register(self, version: str, rev: str = "HEAD") -> None:
        """`gto register churn REV --version VERSION`."""
        with self._dated():
            register(str(self.path), "churn", rev, version=version)

    def assign(self, stage: str, version: str) -> None:
        """`gto assign churn --version VERSION --stage STAGE`."""
        with self._dated():
            assign(str(self.path), "churn", stage, version=version)

    def unassign(self, stage: str, version: str) -> None:
        """`gto unassign`."""
        with self._dated():
            unassign(str(self.path), "churn", stage=stage, version=version)

    def deregister(self, version: str) -> None:
        """`gto deregister`."""
        with self._dated():
            deregister(str(self.path), "churn", version=version)

    def deprecate(self) -> None:
        """`gto deprecate churn`."""
        with self._dated():
            deprecate(str(self.path), "churn")

    def last_tag(self) -> str:
        """Return the newest tag."""
        return self.git("tag", "--sort=-creatordate").splitlines()[0]

    @contextmanager
    def _dated(self) -> Iterator[None]:
        """Date the tags that GTO makes a second after what was done before: it dates them now."""
        before = set(self.git("tag").splitlines())
        yield
        for name in sorted(set(self.git("tag").splitlines()) - before):
            self._second += 1
            text = self.git("cat-file", "tag", f"refs/tags/{name}")
            dated = re.sub(r"(?m)^(tagger .*>) .*$", rf"\1 {self._second} +0000", text, count=1)
            oid = self.git("mktag", stdin=dated.encode() + b"\n")
            self.git("update-ref", f"refs/tags/{name}", oid)


def _entry(path: str, value: str, size: int) -> list[str]:
    return [f"    - path: {path}", "      hash: md5", f"      md5: {value}", f"      size: {size}"]


def in_use(path: Path) -> PromotionRepo:
    """Return a repository whose `v1.0.0` went through all stages, on `main`.

    It is a copy of one that each process makes once: GTO takes long.
    """
    return _first()[0].copy_to(path)


@cache
def _first() -> "tuple[PromotionRepo, TemporaryDirectory[str]]":
    folder = TemporaryDirectory(prefix="promotion-repo-")
    repo = PromotionRepo(folder.name)
    repo.trained(0.90)
    repo.register("v1.0.0")
    for stage in ("dev", "staging", "prod"):
        repo.assign(stage, "v1.0.0")
    return repo, folder
