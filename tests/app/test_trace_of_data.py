"""`trace` of what is no model calls it fresh or stale as `status` does."""

import json

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

PIPELINE = """stages:
  prepare: {cmd: python one.py, deps: [one.py], outs: [table.csv]}
  clean: {cmd: python two.py, deps: [two.py], outs: [clean.csv]}
  train: {cmd: fit, deps: [table.csv], outs: [model.pkl]}
"""
LOCK = f"""schema: '2.0'
stages:
  prepare:
    cmd: python one.py
    deps: [{{path: one.py, hash: md5, md5: {"a" * 32}, size: 2}}]
    outs: [{{path: table.csv, hash: md5, md5: {"b" * 32}, size: 2}}]
  clean:
    cmd: python two.py
    deps: [{{path: two.py, hash: md5, md5: 26ab0db90d72e28ad0ba1e22ee510510, size: 2}}]
    outs: [{{path: clean.csv, hash: md5, md5: {"d" * 32}, size: 2}}]
  train:
    cmd: fit
    deps: [{{path: table.csv, hash: md5, md5: {"b" * 32}, size: 2}}]
    outs: [{{path: model.pkl, hash: md5, md5: {"c" * 32}, size: 2}}]
"""


@pytest.mark.parametrize(
    ("path", "freshness", "kinds"),
    [
        ("table.csv", "stale", ["dep-changed"]),
        ("clean.csv", "fresh", []),
        ("model.pkl", "stale", ["outdated-by"]),
        ("raw.csv", "fresh", []),
    ],
)
def test_trace_agrees_with_status(
    git_repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    path: str,
    freshness: str,
    kinds: list[str],
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("one.py", "1\n")
    git_repo.write("two.py", "2\n")
    git_repo.write("dvc.yaml", PIPELINE)
    git_repo.write("dvc.lock", LOCK)
    git_repo.write("raw.csv.dvc", f"outs:\n- md5: {'e' * 32}\n  size: 1\n  path: raw.csv\n")
    git_repo.commit("base")
    assert main(["trace", path, "--repo", str(git_repo.path), "--format", "json"]) == 0
    (trace,) = json.loads(capsys.readouterr().out)["traces"]
    assert trace["freshness"] == freshness
    assert [reason["kind"] for reason in trace["reasons"]] == kinds
    main(["status", "--repo", str(git_repo.path), "--format", "json"])
    stages = json.loads(capsys.readouterr().out)["stages"]
    known = {item["name"]: item["freshness"] for item in stages}
    # `status` lists no `.dvc` files.
    assert known.get(trace["stage"]) == (None if path == "raw.csv" else freshness)
