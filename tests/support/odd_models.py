"""A repository with odd names, versions and metadata, and what an export must make of them."""

import hashlib
from pathlib import Path

from tests.support.git_repo import GitRepo

CODE = b"print('fit')\n"
EVIL = "<script>alert(1)</script> | `x` @team [a](javascript:b)"
MD5 = {name: f"{number:031x}f" for number, name in enumerate(("data", "dir", "old", "cloud"), 1)}

PIPELINE = f"""stages:
  fit:
    cmd:
    - "echo '{EVIL}'"
    - python fit.py
    deps:
    - fit.py
    - "data/{EVIL}.csv"
    - s3://user:secret@bucket/raw.csv
    - cloud.csv
    params:
    - lr
    outs:
    - models/clf
    - models/old.pkl
    - models/sizeless.pt:
        cache: false
    metrics:
    - metrics.json:
        cache: false
artifacts:
  clf:
    path: models/clf
    type: model
    desc: "{EVIL}"
    labels: ["{EVIL}", nlp]
    meta:
      license: Proprietary
      intended_purpose: "{EVIL}"
      1: [2, .nan, 2026-01-01]
  plain:
    path: weights/plain.bin
    type: model
"""
LOCK = f"""schema: '2.0'
stages:
  fit:
    cmd:
    - "echo '{EVIL}'"
    - python fit.py
    deps:
    - path: fit.py
      md5: 0123456789abcdef0123456789abcdef
    - path: "data/{EVIL}.csv"
      hash: md5
      md5: {MD5["data"]}
    - path: s3://user:secret@bucket/raw.csv
      etag: '"a b<c>"'
      size: 7
    - path: cloud.csv
      hash: md5
      md5: {MD5["cloud"]}
      cloud:
        s3:
          etag: abc
          version_id: "v 1"
    params:
      params.yaml:
        lr: 1.0e-3
        deep:
          "{EVIL}": [1, 2]
    outs:
    - path: metrics.json
      hash: md5
      md5: {{metrics}}
    - path: models/clf
      hash: md5
      md5: {MD5["dir"]}.dir
      nfiles: 3
    - path: models/old.pkl
      md5: {MD5["old"]}
    - path: models/sizeless.pt
      hash: md5
      md5: {{sizeless}}
"""
IMPORT = """deps:
- path: raw data.csv
  repo:
    url: https://user:token@example.com/o/r data.git
    rev: main
    rev_lock: 7f1e5c0a1b2c3d4e5f60718293a4b5c6d7e8f901
outs:
- path: cloud.csv
  hash: md5
  md5: {}
"""
SIZELESS = b"weights in Git\n"
METRICS = b'{"accuracy": 0.5, "loss": NaN}\n'


def md5(content: bytes) -> str:
    """Return the MD5 of a content."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class OddModels(GitRepo):
    """One commit. Its models are `clf` (a directory), one of DVC 2, and two that Git tracks."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.write(".dvc/config", "")
        self.write("fit.py", CODE)
        self.write("dvc.yaml", PIPELINE)
        self.write("params.yaml", "lr: 1.0e-3\n")
        self.write("metrics.json", METRICS)
        self.write("models/sizeless.pt", SIZELESS)
        self.write("weights/plain.bin", b"plain\n")
        self.write("cloud.csv.dvc", IMPORT.format(MD5["cloud"]))
        self.write("dvc.lock", LOCK.format(sizeless=md5(SIZELESS), metrics=md5(METRICS)))
        self.head = self.commit("Fit")
