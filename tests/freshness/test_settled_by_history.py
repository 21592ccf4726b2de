"""Deps that one commit cannot decide, decided by what changed since the lock was written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage_diff import limits
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.read_budget import ReadBudget
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 4\n"
# More than Git holds: DVC counted files that Git ignores.
FOLDER = {"md5": f"{'1' * 32}.dir", "size": 9, "nfiles": 9}
RUNS = {
    "folder": RecordedRun({"lib": FOLDER}, {"a": "a"}),
    "pointer": RecordedRun({"big.bin": "big"}, {"b": "b"}),
    "inside": RecordedRun({"raw/one.txt": "one"}, {"c": "c"}),
    "ignored": RecordedRun({"local.cfg": "x"}, {"d": "d"}),
}
Edit = Callable[[GitRepo], Any]


def commit_runs(repo: GitRepo) -> str:
    """Commit the stages right after their runs, and then something else; return the first."""
    written({"lib/one.py": "1\n", "lib/two.py": "2\n", "lib/notes.md": "x\n"})(repo)
    written({"big.bin": LFS.format("a" * 64), ".dvcignore": "*.md\n"})(repo)
    written({".gitignore": "local.cfg\n*.pyc\n"})(repo)
    tracked_folder("2")(repo)
    write_runs(repo, RUNS)
    run = repo.commit("run")
    repo.write("README.md", "two\n")
    repo.commit("describe")
    return run


def written(files: dict[str, str]) -> Edit:
    return lambda repo: [repo.write(path, text) for path, text in files.items()]


def removed_and_ignored(path: str) -> Edit:
    def edit(repo: GitRepo) -> None:
        repo.remove(path)
        repo.write(".gitignore", f"{path}\nlocal.cfg\n*.pyc\n")

    return edit


def tracked_folder(digit: str) -> Edit:
    text = f"outs:\n- md5: {digit * 32}.dir\n  size: 6\n  nfiles: 2\n  hash: md5\n  path: raw\n"
    return written({"raw.dvc": text})


def judged(path: Path) -> dict[str, tuple[str, str | None]]:
    """Return the freshness of each stage, and the detail of its only reason."""
    return of_stages(status_of(StatusRequest(path)).report)


def of_stages(report: Report) -> dict[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for stage in report.stages:
        if ":" in stage.name:
            (reason,) = stage.reasons or (None,)
            found[stage.name.partition(":")[2]] = (
                stage.freshness,
                reason.detail if reason else None,
            )
    return found


POINTER = "a Git LFS pointer, whose content is not in Git"
INSIDE = "it lies inside `raw`, whose listing is only in DVC's cache"
FEWER = "DVC counted more files in it than Git holds: Git ignores some, or they were deleted"
UNCHANGED = {
    "folder": ("fresh", None),
    "pointer": ("fresh", None),
    "inside": ("fresh", None),
    "ignored": ("unknown", "Git ignores it, and DVC does not keep it"),
}
CASES: dict[str, tuple[Edit, dict[str, tuple[str, str | None]]]] = {
    "nothing": (written({}), {}),
    "what no stage uses": (written({"README.md": "three\n"}), {}),
    "a file": (
        written({"lib/two.py": "3\n"}),
        {"folder": ("stale", "`lib/two.py` changed since it was locked")},
    ),
    "two files": (
        written({"lib/one.py": "3\n", "lib/two.py": "3\n"}),
        {"folder": ("stale", "`lib/one.py` and 1 more changed since it was locked")},
    ),
    "three files": (
        written({"lib/one.py": "3\n", "lib/three.py": "1\n", "lib/two.py": "3\n"}),
        {"folder": ("stale", "`lib/one.py` and 2 more changed since it was locked")},
    ),
    # It may have been there as a file that Git ignored.
    "a new file": (
        written({"lib/new.py": "3\n"}),
        {"folder": ("unknown", f"{FEWER}; `lib/new.py` changed since it was locked")},
    ),
    "line ends": (
        written({"lib/two.py": "2\r\n"}),
        {"folder": ("unknown", f"{FEWER}; `lib/two.py` changed since it was locked")},
    ),
    "a file fewer": (
        lambda repo: repo.remove("lib/two.py"),
        {"folder": ("unknown", f"{FEWER}; `lib/two.py` changed since it was locked")},
    ),
    "a file that DVC ignores": (written({"lib/notes.md": "y\n"}), {}),
    "another pointer": (
        written({"big.bin": LFS.format("b" * 64)}),
        {"pointer": ("stale", "`big.bin` changed since it was locked")},
    ),
    "out of LFS": (written({"big.bin": "big"}), {}),
    "as many files as DVC counted": (
        written({f"lib/{number}.py": "x\n" for number in range(7)}),
        {"folder": ("stale", None)},
    ),
    "what Git ignores": (
        written({".gitignore": "*.pyc\n"}),
        {
            "ignored": (
                "unknown",
                "neither Git nor DVC tracks it, nor did when the stage was locked",
            )
        },
    ),
    "a file that is gone": (
        lambda repo: repo.remove("big.bin"),
        {"pointer": ("stale", None)},
    ),
    "a file that is gone and may be kept beside Git": (
        removed_and_ignored("big.bin"),
        {"pointer": ("unknown", "Git ignores it, and DVC does not keep it")},
    ),
    "data around a dep": (
        tracked_folder("3"),
        {"inside": ("unknown", f"{INSIDE}; `raw` changed since it was locked")},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_changed_since_decides(
    git_repo: GitRepo, case: tuple[Edit, dict[str, tuple[str, str | None]]]
) -> None:
    edit, differing = case
    commit_runs(git_repo)
    edit(git_repo)
    git_repo.commit("edit")
    assert judged(git_repo.path) == UNCHANGED | differing
    # A comparison takes over from the base what is the same there.
    compared = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    assert of_stages(compared) == UNCHANGED | differing
    # What is changed back again is as it was.
    git_repo.git("read-tree", "-u", "--reset", "HEAD~1")
    git_repo.commit("back")
    assert judged(git_repo.path) == UNCHANGED


FEWER_FILES = {"lib/one.py": "1\n", "lib/two.py": "2\n"}


@pytest.mark.parametrize(
    ("edit", "locked", "freshness"),
    [
        (written({}), FEWER_FILES, "fresh"),
        # Git held all that DVC counted, so a file that is gone is no file that Git ignores.
        (lambda repo: repo.remove("lib/two.py"), FEWER_FILES, "stale"),
        (
            lambda repo: repo.remove("lib/two.py"),
            {**FEWER_FILES, "lib/ignored.pyc": "x"},
            "unknown",
        ),
    ],
    ids=["nothing", "a file that is gone", "one of which Git held a part"],
)
def test_a_folder_that_git_held_as_it_was_locked(
    git_repo: GitRepo, edit: Edit, locked: dict[str, str], freshness: str
) -> None:
    listing = [
        {"md5": md5_of(text), "relpath": path.removeprefix("lib/")}
        for path, text in sorted(locked.items())
    ]
    folder = {"md5": f"{md5_of(json.dumps(listing))}.dir", "size": 4, "nfiles": len(listing)}
    written(FEWER_FILES)(git_repo)
    write_runs(git_repo, {"use": RecordedRun({"lib": folder}, {"o": "o"})})
    run = git_repo.commit()
    edit(git_repo)
    git_repo.commit()
    (stage,) = status_of(StatusRequest(git_repo.path)).report.stages
    assert stage.freshness == freshness
    if freshness == "stale":
        (reason,) = stage.reasons
        assert (reason.kind, reason.commit) == ("dep-changed", run)
        assert reason.detail == "`lib/two.py` changed since it was locked"


IN_GIT = {"t": {"cmd": "run", "outs": [{"o.json": {"cache": False}}]}}


@pytest.mark.parametrize(
    ("edit", "freshness", "reason"),
    [
        (written({}), "fresh", None),
        (
            written({"o.json": LFS.format("b" * 64)}),
            "stale",
            ("out-changed", "o.json", None, "`o.json` changed since it was locked"),
        ),
        (
            written({"o.json": "2\n"}),
            "stale",
            ("out-changed", "o.json", f"md5:{md5_of(f'2{chr(10)}')}", None),
        ),
        (
            lambda repo: (repo.remove("o.json"), repo.symlink("o.json", "/far/o.json")),
            "unknown",
            (
                "out-unknown",
                "o.json",
                None,
                "a symbolic link that leaves the repository, or leads nowhere in it",
            ),
        ),
    ],
    ids=["nothing", "another pointer", "a file", "a link out"],
)
def test_an_out_that_git_holds(
    git_repo: GitRepo, edit: Edit, freshness: str, reason: tuple[str | None, ...] | None
) -> None:
    written({"o.json": LFS.format("a" * 64)})(git_repo)
    write_runs(git_repo, {"t": RecordedRun(outs={"o.json": "1\n"})}, stages=IN_GIT)
    git_repo.commit()
    edit(git_repo)
    git_repo.commit()
    (stage,) = status_of(StatusRequest(git_repo.path)).report.stages
    found = [(item.kind, item.subject, item.actual, item.detail) for item in stage.reasons]
    assert (stage.freshness, found) == (freshness, [reason] if reason else [])


def test_the_commit_that_locked_it_is_named(git_repo: GitRepo) -> None:
    run = commit_runs(git_repo)
    git_repo.write("lib/two.py", "3\n")
    git_repo.commit("edit")
    found = {stage.name: stage for stage in status_of(StatusRequest(git_repo.path)).report.stages}
    (reason,) = found["dvc.yaml:folder"].reasons
    assert (reason.kind, reason.subject, reason.commit) == ("dep-changed", "lib", run)
    assert (reason.locked, reason.line) == (f"md5:{FOLDER['md5']}", 2)
    in_git = [
        {"md5": md5_of(text), "relpath": path}
        for path, text in (("one.py", "1\n"), ("two.py", "3\n"))
    ]
    assert reason.actual == f"md5:{md5_of(json.dumps(in_git))}.dir"


# The first stage ran in each of three commits, the second one in the first of them.
LOCKS = [
    {"a": RecordedRun({"x.py": text}, {"a": text}), "b": RecordedRun({"x.py": "1"}, {"b": "b"})}
    for text in ("1", "2", "3")
]


@pytest.mark.parametrize(
    ("bounds", "dated"),
    [
        ({}, {"a": 2, "b": 0}),
        ({"DATED_STAGES": 1}, {"a": 2, "b": None}),
        ({"DATED_STAGES": 0}, {"a": None, "b": None}),
        ({"DATED_BYTES": 1}, {"a": 2, "b": None}),
    ],
    ids=["usual", "one stage", "no stage", "one older lock"],
)
def test_reasons_are_dated_within_bounds(
    git_repo: GitRepo,
    monkeypatch: pytest.MonkeyPatch,
    bounds: dict[str, int],
    dated: dict[str, int | None],
) -> None:
    commits = []
    for runs in LOCKS:
        write_runs(git_repo, runs)
        git_repo.write("x.py", "4")
        commits.append(git_repo.commit())
    for name, most in bounds.items():
        monkeypatch.setattr(limits, name, most)
    stages = status_of(StatusRequest(git_repo.path)).report.stages
    found = {stage.name[-1]: [reason.commit for reason in stage.reasons] for stage in stages}
    assert found == {
        name: [None if number is None else commits[number]] for name, number in dated.items()
    }


def test_a_cut_history_does_not_decide(git_repo: GitRepo, tmp_path: Path) -> None:
    commit_runs(git_repo)
    clone = git_repo.clone(tmp_path / "clone", "--depth", "1")
    found = judged(clone.path)
    assert {name: state for name, (state, _) in found.items()} == dict.fromkeys(RUNS, "unknown")
    starts = {"folder": FEWER, "pointer": POINTER, "inside": INSIDE}
    for name, start in starts.items():
        detail = str(found[name][1])
        assert detail.startswith(f"{start}; ")
        assert "too shallow" in detail


@pytest.mark.parametrize(
    ("bounds", "known"),
    [
        ({}, 3),
        ({"LOCKED_COMMITS": 2}, 2),
        # So many stages are read: the head has three, so that is two commits.
        ({"LOCKED_STAGES": 8}, 2),
        ({"LOCKED_STAGES": 1}, 1),
    ],
    ids=["usual", "two commits", "stages of two commits", "one at least"],
)
def test_the_commits_that_are_looked_at_are_bounded(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int], known: int
) -> None:
    names = ("a", "b", "c")
    for number in range(1, 4):
        for name in names:
            git_repo.write(f"{name}.bin", LFS.format("a" * 64))
        runs = {name: RecordedRun({f"{name}.bin": name}, {f"{name}.o": "o"}) for name in names}
        write_runs(git_repo, {name: runs[name] for name in names[:number]})
        git_repo.commit()
    for name, most in bounds.items():
        monkeypatch.setattr(limits, name, most)
    unread = ("unknown", f"{POINTER}; the history of its lock entry is longer than the limit")
    expected = {
        name: ("fresh", None) if number < known else unread for number, name in enumerate(names)
    }
    assert judged(git_repo.path) == expected


def test_the_commit_that_wrote_its_own_lock_is_read_once(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repo.write("a.bin", LFS.format("a" * 64))
    write_runs(git_repo, {"a": RecordedRun({"a.bin": "a"}, {"a.o": "o"})})
    git_repo.commit()
    read: list[str] = []
    whole = LineageReader._read

    def counted(self: LineageReader, snapshot: Snapshot, budget: ReadBudget) -> Any:
        read.append(snapshot.commit)
        return whole(self, snapshot, budget)

    monkeypatch.setattr(LineageReader, "_read", counted)
    assert judged(git_repo.path) == {"a": ("fresh", None)}
    assert len(read) == 1


WHOLE, ONE_KEY = [{"p.yaml": None}], [{"p.yaml": ["lr"]}]


@pytest.mark.parametrize(
    ("then", "now", "again", "freshness"),
    [
        (WHOLE, WHOLE, "1", "fresh"),
        (ONE_KEY, ONE_KEY, "1", "fresh"),
        # The lock has the values of one key, and the others may have been anything.
        (ONE_KEY, WHOLE, "1", "unknown"),
        (WHOLE, ONE_KEY, "1", "fresh"),
        (WHOLE, WHOLE, "2", "unknown"),
    ],
    ids=["whole", "one key", "widened", "narrowed", "another file"],
)
def test_a_params_file_that_dvc_keeps(
    git_repo: GitRepo, then: Any, now: Any, again: str, freshness: str
) -> None:
    run = RecordedRun(outs={"o": "o"}, params={"lr": 1}, param_file="p.yaml")
    for params, text in ((then, "1"), (now, again)):
        track_data(git_repo, "p.yaml", text)
        write_runs(
            git_repo, {"t": run}, stages={"t": {"cmd": "run", "params": params, "outs": ["o"]}}
        )
        git_repo.commit()
    stages = {item.name: item for item in status_of(StatusRequest(git_repo.path)).report.stages}
    assert stages["dvc.yaml:t"].freshness == freshness
