"""What to run: the fewest targets, safe to paste, and the same in every format."""

import html
import json
import re
from pathlib import Path

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

NEW, OLD = "new\n", "a" * 32
# By name: deps, outs. A dep `X.in` is a file of Git, which `edited` names where it changed.
Pipeline = dict[str, tuple[list[str], list[str]]]
PUBLISHED: Pipeline = {
    "train": (["train.in"], ["model.pkl"]),
    "finalize": (["model.pkl"], ["final/model.onnx"]),
    "upload": (["final/model.onnx", "upload.in"], []),
}
MEASURED: Pipeline = {
    "prepare": (["prepare.in"], ["table.csv"]),
    "train": (["table.csv"], ["model.pkl"]),
    "measure": (["model.pkl"], ["metrics: scores.json"]),
    "draw": (["model.pkl"], ["pictures"]),
}
WIDE: Pipeline = {f"s{n}": ([f"s{n}.in"], [f"s{n}/model.pkl"]) for n in range(6)}
WIDE_UPLOAD: Pipeline = {**WIDE, "upload": (["s0/model.pkl"], [])}


def written(repo: GitRepo, pipeline: Pipeline, edited: set[str]) -> None:
    yaml, lock = "stages:\n", "schema: '2.0'\nstages:\n"
    for name, (deps, outs) in pipeline.items():
        kinds = [out.rpartition(": ")[0] or "outs" for out in outs]
        paths = [out.rpartition(": ")[2] for out in outs]
        yaml += f"  {name}:\n    cmd: run {name}\n    deps: {json.dumps(deps)}\n"
        lock += f"  {name}:\n    cmd: run {name}\n    deps:\n"
        for kind, path in zip(kinds, paths, strict=True):
            yaml += f"    {kind}: [{path}]\n"
        for dep in deps:
            if dep.endswith(".in"):
                repo.write(dep, NEW)
            md5 = OLD if dep in edited or not dep.endswith(".in") else NEW_MD5
            lock += f"    - {{path: {dep}, hash: md5, md5: {md5}, size: 4}}\n"
        lock += "    outs:\n" if paths else ""
        lock += "".join(f"    - {{path: {p}, hash: md5, md5: {OLD}, size: 4}}\n" for p in paths)
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", yaml)
    repo.write("dvc.lock", lock)
    repo.commit("base")


NEW_MD5 = "9cd599a3523898e6a12e13ec787da50a"

CASES: list[tuple[Pipeline, set[str], str, dict[str, str]]] = [
    (PUBLISHED, set(), "", {}),
    (PUBLISHED, {"train.in"}, "dvc repro finalize", {"upload": "no-outs"}),
    (PUBLISHED, {"train.in", "upload.in"}, "dvc repro finalize", {"upload": "no-outs"}),
    (PUBLISHED, {"upload.in"}, "", {"upload": "no-outs"}),
    (MEASURED, {"prepare.in"}, "dvc repro measure", {"draw": "no-model"}),
    (WIDE, {"s0.in", "s1.in"}, "dvc repro s0 s1", {}),
    (WIDE, {f"s{n}.in" for n in range(6)}, "dvc repro --all-pipelines", {}),
    (
        WIDE_UPLOAD,
        {f"s{n}.in" for n in range(6)},
        "dvc repro s0 s1 s2 s3 s4 s5",
        {"upload": "no-outs"},
    ),
    (WIDE_UPLOAD, {f"s{n}.in" for n in range(1, 6)}, "dvc repro s1 s2 s3 s4 s5", {}),
]


@pytest.mark.parametrize(("pipeline", "edited", "command", "left_out"), CASES)
def test_the_advice_is_safe_and_the_same_in_every_format(
    git_repo: GitRepo,
    tmp_path: Path,
    pipeline: Pipeline,
    edited: set[str],
    command: str,
    left_out: dict[str, str],
) -> None:
    written(git_repo, pipeline, edited)
    files = [tmp_path / name for name in ("r.json", "r.md", "r.html", "r.txt")]
    outputs = [word for file in files for word in ("-o", str(file))]
    main(["status", "--repo", str(git_repo.path), *outputs])
    report, *texts = (file.read_text(encoding="utf-8") for file in files)
    decoded = json.loads(report)
    told = {
        item["stage"].partition(":")[2]: item["reason"] for item in decoded["repro"]["left_out"]
    }
    assert told == left_out
    for text in texts:
        plain = " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).replace("`", "").split())
        assert ("To fix" in plain and command in plain) == bool(command)
        if command:
            assert f"{command}, then commit dvc.lock" in plain
        assert ("upload has no outs: run it yourself when you mean to." in plain) == (
            "upload" in left_out
        )
        assert ("draw makes no model or metric: run it" in plain) == ("draw" in left_out)
    assert "dvc repro upload" not in report + "".join(texts)
    # One command: each finding on what it runs names it, too.
    hints = {finding["hint"] for finding in decoded["findings"] if "upload" not in finding["hint"]}
    assert hints == ({f"Run `{command}` and commit the lock file."} if command else set())
