"""Each reason why a stage is not fresh, with its values and its place, from a real commit."""

from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.report.reasons import Reason
from tests.support.edits import Edit, declared, removed, written
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

RUN = RecordedRun(
    {"data.csv": "d", "train.py": "1\n"},
    {"model.pkl": "m", "extra.bin": "e"},
    {"m.json": "{}"},
    {"lr": 1, "deep.er": 2},
    cmd="fit",
)
AT_STAGE = ("dvc.yaml", 2)
IN_LOCK = ("dvc.lock", 3)


def md5(text: str) -> str:
    return f"md5:{md5_of(text)}"


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'1' * 64}\nsize 2\n"
HELD = "a Git LFS pointer, whose content is not in Git; `train.py` changed since it was locked"
# Freshness; kind, subject, value at the commit, value of the last run; place.
CASES: dict[str, tuple[Edit, str, tuple[Any, ...], tuple[str, int | None]]] = {
    "dep": (
        written("train.py", "2\n"),
        "stale",
        ("dep-changed", "train.py", md5("2\n"), md5("1\n")),
        AT_STAGE,
    ),
    "tracked dep": (
        lambda repo: track_data(repo, "data.csv", "dd"),
        "stale",
        ("upstream-changed", "data.csv", md5("dd"), md5("d")),
        AT_STAGE,
    ),
    "dep gone": (
        removed("train.py"),
        "stale",
        ("dep-missing", "train.py", None, md5("1\n")),
        AT_STAGE,
    ),
    "tracked dep gone": (
        removed("data.csv.dvc"),
        "stale",
        ("dep-missing", "data.csv", None, md5("d")),
        AT_STAGE,
    ),
    "pointer": (
        written("train.py", POINTER),
        "unknown",
        ("dep-unknown", "train.py", None, md5("1\n"), HELD),
        AT_STAGE,
    ),
    "line ends": (
        written("train.py", "1\r\n"),
        "fresh",
        ("line-endings", "train.py", md5("1\r\n"), md5("1\n")),
        AT_STAGE,
    ),
    "param": (
        written("params.yaml", "deep: {er: 2}\nlr: 2\n"),
        "stale",
        ("param-changed", "params.yaml:lr", 2, 1),
        ("params.yaml", 2),
    ),
    "param inside": (
        written("params.yaml", "lr: 1\ndeep:\n  er: 3\n"),
        "stale",
        ("param-changed", "params.yaml:deep.er", 3, 2),
        ("params.yaml", 3),
    ),
    "param gone": (
        written("params.yaml", "deep: {er: 2}\n"),
        "stale",
        ("param-missing", "params.yaml:lr", None, 1),
        ("params.yaml", 1),
    ),
    "params file gone": (
        removed("params.yaml"),
        "stale",
        ("param-missing", "params.yaml", None, None, "no such file"),
        ("params.yaml", None),
    ),
    "metric": (
        written("m.json", '{"a": 1}'),
        "stale",
        ("out-changed", "m.json", md5('{"a": 1}'), md5("{}")),
        AT_STAGE,
    ),
    "metric gone": (
        removed("m.json"),
        "stale",
        ("out-missing", "m.json", None, md5("{}")),
        AT_STAGE,
    ),
    "command": (
        declared("cmd: fit", "cmd: fit --all"),
        "stale",
        ("command-changed", "dvc.yaml:train", "fit --all", "fit"),
        AT_STAGE,
    ),
    "dep added": (
        declared("    - train.py\n", "    - train.py\n    - more.csv\n"),
        "stale",
        ("dep-added", "more.csv", None, None),
        AT_STAGE,
    ),
    "dep removed": (
        declared("    - train.py\n", ""),
        "fresh",
        ("dep-removed", "train.py", None, md5("1\n")),
        IN_LOCK,
    ),
    "out added": (
        declared("    - model.pkl\n", "    - model.pkl\n    - more.bin\n"),
        "stale",
        ("out-added", "more.bin", None, None),
        AT_STAGE,
    ),
    "out removed": (
        declared("    - extra.bin\n", ""),
        "fresh",
        ("out-removed", "extra.bin", None, md5("e")),
        IN_LOCK,
    ),
    "param added": (
        declared("    - lr\n", "    - lr\n    - seed\n"),
        "stale",
        ("param-missing", "params.yaml:seed", None, None),
        ("params.yaml", 1),
    ),
    "param removed": (
        declared("    - lr\n", ""),
        "fresh",
        ("param-removed", "params.yaml:lr", None, 1),
        IN_LOCK,
    ),
    "always changed": (
        declared("    cmd: fit\n", "    cmd: fit\n    always_changed: true\n"),
        "unknown",
        ("always-changed", "dvc.yaml:train", None, None),
        AT_STAGE,
    ),
    "never run": (
        removed("dvc.lock"),
        "stale",
        ("never-run", "dvc.yaml:train", None, None),
        AT_STAGE,
    ),
}


def commit_twice(repo: GitRepo, edit: Edit) -> str:
    """Commit a stage that is fresh, and then an edit; return the first commit."""
    track_data(repo, "data.csv", "d")
    repo.write("train.py", "1\n")
    write_runs(repo, {"train": RUN})
    repo.write("params.yaml", "lr: 1\ndeep: {er: 2}\n")
    base = repo.commit("base")
    edit(repo)
    repo.commit("edit")
    return base


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_edit_gives_exactly_one_reason_and_its_place(
    git_repo: GitRepo, case: tuple[Edit, str, tuple[Any, ...], tuple[str, int | None]]
) -> None:
    edit, freshness, values, (file, line) = case
    base = commit_twice(git_repo, edit)
    alone = status_of(StatusRequest(git_repo.path)).report.stages
    compared = compare_revisions(Request(git_repo.path, base, direct=True)).report.stages
    for stages in (alone, compared):
        (stage,) = (stage for stage in stages if not stage.name.endswith(".dvc"))
        assert stage.freshness == freshness
        (found,) = stage.reasons
        assert found.commit in (None, base)
        assert (found.file, found.line) == (file, line)
        assert replace(found, file=None, line=None, commit=None) == Reason(*values)
