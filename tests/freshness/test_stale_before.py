"""Which models and stages were stale before a change, where stages and their outs trade places."""

from collections.abc import Mapping

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

# Stale at the base, fresh, and of unknown freshness.
OLD = RecordedRun({"a.py": "0"}, {"a.onnx": "a"}, cmd="a")
NEW = RecordedRun({"b.py": "1\n"}, {"b.onnx": "b"}, cmd="b")
FAR = RecordedRun({"/far/c.csv": "1"}, {"c.onnx": "c"}, cmd="c")
FOLDER = OLD._replace(outs={"d": "d"})
BASE = {"one": OLD, "two": NEW, "far": FAR}
Before = dict[str, bool | None]


@pytest.mark.parametrize(
    ("base", "head", "stages", "models"),
    [
        (
            BASE,
            {name: run._replace(cmd="other") for name, run in BASE.items()},
            {"one": True, "two": False, "far": None},
            {"a.onnx": True, "b.onnx": False, "c.onnx": None},
        ),
        (
            {"one": OLD, "two": NEW},
            {"one": NEW, "two": OLD},
            {"one": None, "two": False},
            {"a.onnx": True, "b.onnx": False},
        ),
        ({"one": OLD, "two": NEW}, {"one": NEW}, {"one": None, "two": False}, {"b.onnx": False}),
        (
            {"one": OLD, "two": NEW},
            {"one": OLD._replace(outs={**OLD.outs, **NEW.outs})},
            {"one": None, "two": False},
            {"b.onnx": False},
        ),
        ({"one": OLD}, {"one": OLD._replace(outs={"n.onnx": "n"})}, {"one": None}, {}),
        (
            {"one": OLD},
            {"one": OLD._replace(outs={**OLD.outs, "n.onnx": "n"})},
            {"one": True},
            {"a.onnx": True, "n.onnx": None},
        ),
        ({"one": OLD}, {"one": OLD._replace(outs={}, cmd="x")}, {"one": True}, {}),
        (
            {"one": OLD._replace(outs={})},
            {"one": OLD._replace(outs={}, cmd="x")},
            {"one": True},
            {},
        ),
        (
            {"one": FOLDER},
            {"one": FOLDER._replace(outs={"d/m.onnx": "m"})},
            {"one": True},
            {"d/m.onnx": None},
        ),
        (
            {"far": FAR, "one": OLD},
            {"one": OLD._replace(outs={**OLD.outs, **FAR.outs})},
            {"far": None, "one": None},
            {"c.onnx": None},
        ),
    ],
    ids=[
        "same outs",
        "names traded",
        "the outs of a fresh one",
        "the outs of both",
        "new outs alone",
        "a new out beside",
        "outs dropped",
        "no outs",
        "an out inside a former one",
        "the outs of an unknown one",
    ],
)
def test_what_was_stale_before(
    git_repo: GitRepo,
    base: Mapping[str, RecordedRun],
    head: Mapping[str, RecordedRun],
    stages: Before,
    models: Before,
) -> None:
    for runs in (base, head):
        for path in ("a.py", "b.py"):
            git_repo.write(path, "1\n")
        write_runs(git_repo, runs)
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    assert {stage.name.partition(":")[2]: stage.stale_before for stage in report.stages} == stages
    found = {model.path: model.stale_before for model in report.models if model.change != "removed"}
    assert {path: found[path] for path in models} == models


MENDED = OLD._replace(deps={"a.py": "2\n"})


@pytest.mark.parametrize(
    ("tip", "head", "before"),
    [
        # Stale at the tip of the base branch, too.
        ({"one": OLD}, {"one": OLD}, [("a.onnx", True)]),
        ({"one": MENDED}, {"one": OLD}, [("a.onnx", False)]),
        ({"one": FAR._replace(outs=OLD.outs)}, {"one": OLD}, [("a.onnx", None)]),
        # By its path, by that of a folder around it, and by its path before a rename.
        ({"two": OLD}, {"one": OLD}, [("a.onnx", True)]),
        ({"one": OLD._replace(outs={"b.onnx": "a"})}, {"one": OLD}, [("a.onnx", False)]),
        (
            {"one": OLD},
            {"one": OLD._replace(outs={"n.onnx": "a"})},
            [("n.onnx", True)],
        ),
        (
            {"one": MENDED},
            {"one": OLD._replace(outs={"n.onnx": "a"})},
            [("n.onnx", False)],
        ),
    ],
    ids=["stale", "fresh", "unknown", "another name", "another out", "moved", "moved, fresh"],
)
def test_what_was_stale_at_the_tip_too(
    git_repo: GitRepo,
    tip: Mapping[str, RecordedRun],
    head: Mapping[str, RecordedRun],
    before: list[tuple[str, bool | None]],
) -> None:
    git_repo.write("a.py", "1\n")
    write_runs(git_repo, {"one": OLD})
    start = git_repo.commit()
    git_repo.write("a.py", "2\n")
    write_runs(git_repo, tip)
    git_repo.commit()
    git_repo.branch("change", start)
    git_repo.write("a.py", "3\n")
    write_runs(git_repo, head)
    git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "main", "change")).report
    assert [(model.path, model.stale_before) for model in report.models] == before
    told = [(i.subject, i.severity) for i in report.findings if i.rule == "stale-model"]
    assert told == [(path, "warning" if was else "error") for path, was in before]
