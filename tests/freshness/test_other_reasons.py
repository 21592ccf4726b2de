"""Reasons of stages with unusual deps and outs: nested, unlocked, frozen, external, unreadable."""

from typing import Any

import pytest

from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.freshness.lock_check import PRODUCER_UNREADABLE
from lineage_diff.freshness.stages import ABOVE_UNKNOWN
from lineage_diff.report.change import StageChange
from lineage_diff.report.reasons import Reason
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, write_runs

HELD = {"md5": f"{'1' * 32}.dir", "size": 9, "nfiles": 2}
MAKE = RecordedRun({"make.py": "1\n"}, {"made": HELD}, cmd="make")
Files = dict[str, str]


def use(dep: str, locked: Any = "x", **more: Any) -> RecordedRun:
    return RecordedRun({dep: locked}, {"out": "o"}, cmd="use", **more)


def told(repo: GitRepo, runs: dict[str, RecordedRun], files: Files) -> tuple[str, list[Any]]:
    """Return the freshness of the stage `use`, and its reasons without their places."""
    stage = found_stage(repo, runs, files)
    return stage.freshness, [
        (item.kind, item.subject, item.actual, item.locked, item.detail) for item in stage.reasons
    ]


def found_stage(repo: GitRepo, runs: dict[str, RecordedRun], files: Files) -> StageChange:
    """Return what the status says of the stage `use`."""
    repo.write("make.py", "1\n")
    write_runs(repo, runs)
    for path, text in files.items():
        repo.write(path, text)
    repo.commit()
    stages = {item.name: item for item in status_of(StatusRequest(repo.path)).report.stages}
    return stages["dvc.yaml:use"]


def md5(text: str) -> str:
    return f"md5:{md5_of(text)}"


LISTED = """\
outs:
- path: data
  hash: md5
  files:
  - {{relpath: a.csv, md5: {a}, size: 1}}
"""
LOCK_ONLY_CMD = "schema: '2.0'\nstages:\n  use:\n    cmd: use\n"
CASES: dict[str, tuple[dict[str, RecordedRun], Files, tuple[str, list[Any]]]] = {
    "a file inside a folder that only the cache lists": (
        {"make": MAKE, "use": use("made/a.txt")},
        {},
        ("fresh", []),
    ),
    "a folder that another stage made anew": (
        {"make": MAKE, "use": use("made", {**HELD, "md5": f"{'2' * 32}.dir"})},
        {},
        (
            "stale",
            [("upstream-changed", "made", f"md5:{'1' * 32}.dir", f"md5:{'2' * 32}.dir", None)],
        ),
    ),
    "a folder that is the same": ({"make": MAKE, "use": use("made", HELD)}, {}, ("fresh", [])),
    "a listed file": (
        {"use": use("data/a.csv", "x")},
        {"data.dvc": LISTED.format(a=md5_of("x"))},
        ("fresh", []),
    ),
    "a listed file that differs": (
        {"use": use("data/a.csv", "x")},
        {"data.dvc": LISTED.format(a=md5_of("y"))},
        ("stale", [("dep-changed", "data/a.csv", md5("y"), md5("x"), None)]),
    ),
    "a file that the list has not": (
        {"use": use("data/b.csv", "x")},
        {"data.dvc": LISTED.format(a=md5_of("x"))},
        ("stale", [("dep-missing", "data/b.csv", None, md5("x"), None)]),
    ),
    # `dvc repro` first makes what the `.dvc` file does not record.
    "a dep without a version": (
        {"use": use("data.csv")},
        {"data.csv.dvc": "outs:\n- path: data.csv\n"},
        (
            "stale",
            [
                (
                    "dep-unknown",
                    "data.csv",
                    None,
                    md5("x"),
                    "no lock or .dvc file records its version",
                ),
                ("outdated-by", "data.csv.dvc", None, None, None),
            ],
        ),
    ),
    "a dep outside": (
        {"use": use("/nowhere/data.csv")},
        {},
        (
            "unknown",
            [
                (
                    "dep-unknown",
                    "/nowhere/data.csv",
                    None,
                    md5("x"),
                    "it lies outside the repository",
                )
            ],
        ),
    ),
    "an entry without deps, params and outs": (
        {"use": use("make.py", params={"lr": 1})},
        {"dvc.lock": LOCK_ONLY_CMD},
        (
            "stale",
            [
                ("dep-added", "make.py", None, None, None),
                ("param-added", "params.yaml:lr", 1, None, None),
                ("out-added", "out", None, None, None),
            ],
        ),
    ),
    "an entry without a hash": (
        {"use": use("make.py", {"size": 2})},
        {},
        ("stale", [("dep-added", "make.py", None, None, None)]),
    ),
    "a list": (
        {"use": use("make.py", "1\n", params={"lr": [1, 2]})},
        {"params.yaml": "lr: [1, 3]\n"},
        ("stale", [("param-changed", "params.yaml:lr", [1, 3], [1, 2], None)]),
    ),
    "a number for a text": (
        {"use": use("make.py", "1\n", params={"lr": 1})},
        {"params.yaml": "lr: '1'\n"},
        ("stale", [("param-changed", "params.yaml:lr", "1", 1, None)]),
    ),
    "the hash of a storage beside one of the same file": (
        {"make": MAKE, "use": use("make.py", {"etag": "e1", "size": 2, "hash": None})},
        {},
        ("stale", [("dep-changed", "make.py", md5("1\n"), "etag:e1", None)]),
    ),
    "the hash of a storage alone": (
        {"use": use("make.py", {"etag": "e1", "size": 2, "hash": None})},
        {},
        ("stale", [("dep-changed", "make.py", None, "etag:e1", None)]),
    ),
    "a hash of a scheme that DVC has not": (
        {"use": use("make.py", {"hash": "sha1", "sha1": "e1", "size": 2})},
        {},
        (
            "unknown",
            [
                (
                    "dep-unknown",
                    "make.py",
                    None,
                    "sha1:e1",
                    "the lock records its sha1, and this commit has no such hash for it",
                )
            ],
        ),
    ),
    "a pattern": (
        {"use": use("make.py", "1\n", params={"l*": 1})},
        {"params.yaml": "lr: 2\nx: 1\n"},
        ("stale", [("param-changed", "params.yaml:l*", 2, 1, None)]),
    ),
    "a pattern of one value that is the same": (
        {"use": use("make.py", "1\n", params={"l*": 1})},
        {"params.yaml": "lr: 1\nx: 2\n"},
        ("fresh", []),
    ),
    "an item of a list, from its end": (
        {"use": use("make.py", "1\n", params={"a.-1": 1, "a.0.b": 2})},
        {"params.yaml": "a: [{b: 3}, 4]\n"},
        (
            "stale",
            [
                ("param-changed", "params.yaml:a.-1", 4, 1, None),
                ("param-changed", "params.yaml:a.0.b", 3, 2, None),
            ],
        ),
    ),
    "items past both ends of a list": (
        {"use": use("make.py", "1\n", params={"a.2": 1, "a.-3": 2, "a.x": 3, "b.c": 4})},
        {"params.yaml": "a: [0, 1]\nb: 1\n"},
        (
            "stale",
            [
                ("param-missing", "params.yaml:a.2", None, 1, None),
                ("param-missing", "params.yaml:a.-3", None, 2, None),
                ("param-missing", "params.yaml:a.x", None, 3, None),
                ("param-missing", "params.yaml:b.c", None, 4, None),
            ],
        ),
    ),
    "keys that are numbers": (
        {"use": use("make.py", "1\n", params={"a.7": 1, "a.08": 2, "a.true": 3})},
        {"params.yaml": "a: {7: 1, 8: 3, yes: 4, 'true': 3}\n"},
        ("stale", [("param-changed", "params.yaml:a.08", 3, 2, None)]),
    ),
    "a float that is as large": (
        {"use": use("make.py", "1\n", params={"lr": 1})},
        {"params.yaml": "lr: 1.0\n"},
        ("fresh", []),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_stage(
    git_repo: GitRepo, case: tuple[dict[str, RecordedRun], Files, tuple[str, list[Any]]]
) -> None:
    runs, files, expected = case
    assert told(git_repo, runs, files) == expected


def test_only_command_and_outs_make_a_frozen_stage_stale(git_repo: GitRepo) -> None:
    write_runs(git_repo, {"use": use("make.py")})
    text = (git_repo.path / "dvc.yaml").read_text(encoding="utf-8")
    frozen = text.replace("    cmd: use\n", "    cmd: use\n    frozen: true\n")
    assert told(git_repo, {"use": use("make.py")}, {"dvc.yaml": frozen}) == ("fresh", [])
    other = frozen.replace("cmd: use", "cmd: use --all")
    reason = ("command-changed", "dvc.yaml:use", "use --all", "use", None)
    assert told(git_repo, {"use": use("make.py")}, {"dvc.yaml": other}) == ("stale", [reason])


def test_a_broken_pipeline_leaves_what_it_may_make_unknown(git_repo: GitRepo) -> None:
    runs = {"use": use("somewhere.csv")}
    assert told(git_repo, runs, {"other/dvc.yaml": "stages: [\n"}) == (
        "unknown",
        [("dep-unknown", "somewhere.csv", None, md5("x"), PRODUCER_UNREADABLE)],
    )


TRAIN_ON = """\
stages:
  use:
    cmd: use
    deps: [make.py]
    params: [{params}]
    outs: [out]
"""
ON_PARAMS = use("make.py", "1\n", params={"lr": 1, "old": 2})
ON_CONF = ON_PARAMS._replace(param_file="conf.yaml")
KEPT = {"conf.yaml.dvc": f"outs:\n- {{md5: {md5_of('a')}, size: 3, hash: md5, path: conf.yaml}}\n"}
UNPARSABLE = "not valid YAML: did not find expected node content (line 2)"
PLACES: dict[str, tuple[dict[str, RecordedRun], Files, str, list[Any]]] = {
    "params that do not parse": (
        {"use": ON_PARAMS},
        {"params.yaml": "lr: [\n"},
        "unknown",
        [("dep-unknown", "params.yaml", None, None, UNPARSABLE, "params.yaml", None)],
    ),
    "a param that is gone": (
        {"use": ON_PARAMS},
        {"params.yaml": "lr: 1\n"},
        "stale",
        [("param-missing", "params.yaml:old", None, 2, None, "params.yaml", 1)],
    ),
    "a params file that is not there": (
        {"use": ON_CONF},
        {},
        "stale",
        [("param-missing", "conf.yaml", None, None, "no such file", "conf.yaml", None)],
    ),
    "another param": (
        {"use": ON_PARAMS},
        {"dvc.yaml": TRAIN_ON.format(params="lr, new"), "params.yaml": "lr: 1\nnew: 3\n"},
        "stale",
        [
            ("param-added", "params.yaml:new", 3, None, None, "dvc.lock", 3),
            ("param-removed", "params.yaml:old", None, 2, None, "dvc.lock", 3),
        ],
    ),
    "another params file": (
        {"use": ON_PARAMS},
        {"dvc.yaml": TRAIN_ON.format(params="conf.yaml: [lr]"), "conf.yaml": "lr: 1\n"},
        "stale",
        [
            ("param-added", "conf.yaml:lr", 1, None, None, "dvc.lock", 3),
            ("param-removed", "params.yaml:lr", None, 1, None, "dvc.lock", 3),
            ("param-removed", "params.yaml:old", None, 2, None, "dvc.lock", 3),
        ],
    ),
    "another param of a file that DVC keeps": (
        {"use": ON_CONF},
        {"dvc.yaml": TRAIN_ON.format(params="conf.yaml: [lr, new]"), **KEPT},
        "stale",
        [
            ("param-added", "conf.yaml:new", None, None, None, "dvc.lock", 3),
            ("param-removed", "conf.yaml:old", None, 2, None, "dvc.lock", 3),
        ],
    ),
    "all of a file that DVC keeps": (
        {"use": ON_CONF._replace(params={})},
        {"dvc.yaml": TRAIN_ON.format(params="conf.yaml: "), **KEPT},
        "stale",
        [
            ("param-added", "conf.yaml", None, None, None, "dvc.lock", 3),
            (
                "dep-unknown",
                "conf.yaml",
                None,
                None,
                "kept in DVC's cache, not in Git",
                "conf.yaml",
                None,
            ),
        ],
    ),
    "a stale stage above": (
        {"make": MAKE._replace(deps={"make.py": "0"}), "use": use("made", HELD)},
        {},
        "stale",
        [("outdated-by", "dvc.yaml:make", None, None, None, "dvc.yaml", 8)],
    ),
}


NOT_RECORDED = (
    "no run records {}, because the stage names this file by two paths, and DVC records the params "
    "of one"
)
# DVC records the params of `params.yaml`, which sorts behind `./params.yaml`.
BY_TWO_PATHS = "lr, old, ./params.yaml: {}"
PLACES["params that no run records"] = (
    {"use": ON_PARAMS},
    {
        "dvc.yaml": TRAIN_ON.format(params=BY_TWO_PATHS.format("[a, lr, b, c, d]")),
        "params.yaml": "{lr: 1, old: 3, a: 1, b: 1, c: 1, d: 1}\n",
    },
    "stale",
    [
        (
            "dep-unknown",
            "params.yaml",
            None,
            None,
            NOT_RECORDED.format("`a`, `b`, `c` and 1 more"),
            "params.yaml",
            None,
        ),
        ("param-changed", "params.yaml:old", 3, 2, None, "params.yaml", 1),
    ],
)
PLACES["a new param of those that a run records"] = (
    {"use": ON_PARAMS},
    {
        "dvc.yaml": TRAIN_ON.format(params="lr, old, new, ./params.yaml: [a]"),
        "params.yaml": "{lr: 1, old: 2, new: 3, a: 1}\n",
    },
    "stale",
    [
        ("dep-unknown", "params.yaml", None, None, NOT_RECORDED.format("`a`"), "params.yaml", None),
        ("param-added", "params.yaml:new", 3, None, None, "dvc.lock", 3),
    ],
)
PLACES["a whole file that no run records"] = (
    {"use": ON_PARAMS},
    {
        "dvc.yaml": TRAIN_ON.format(params=BY_TWO_PATHS.format("")),
        "params.yaml": "{lr: 1, old: 2, a: 1}\n",
    },
    "unknown",
    [("dep-unknown", "params.yaml", None, None, NOT_RECORDED.format("`a`"), "params.yaml", None)],
)
PLACES["params of a file that DVC keeps, which no run records"] = (
    {"use": ON_CONF},
    {"dvc.yaml": TRAIN_ON.format(params="conf.yaml: [lr, old], ./conf.yaml: [a]"), **KEPT},
    "unknown",
    [("dep-unknown", "conf.yaml", None, None, NOT_RECORDED.format("`a`"), "conf.yaml", None)],
)
PLACES["an unknown stage above"] = (
    {"make": MAKE._replace(deps={"/far/a.csv": "0"}), "use": use("made", HELD)},
    {},
    "unknown",
    [("dep-unknown", "dvc.yaml:make", None, None, ABOVE_UNKNOWN, "dvc.yaml", 8)],
)
PLACES["a stage above that always runs"] = (
    {"make": MAKE._replace(deps={}), "use": use("made", HELD)},
    {},
    "fresh",
    [],
)


@pytest.mark.parametrize("case", PLACES.values(), ids=PLACES)
def test_each_reason_has_its_place(
    git_repo: GitRepo, case: tuple[dict[str, RecordedRun], Files, str, list[Any]]
) -> None:
    runs, files, freshness, expected = case
    found = found_stage(git_repo, runs, files)
    assert found.freshness == freshness
    reasons = [
        (item.kind, item.subject, item.actual, item.locked, item.detail, item.file, item.line)
        for item in found.reasons
    ]
    assert reasons == expected


def test_params_that_dvc_keeps_are_unknown_once_their_version_moved(git_repo: GitRepo) -> None:
    assert found_stage(git_repo, {"use": ON_CONF}, KEPT).freshness == "fresh"
    moved = {"conf.yaml.dvc": KEPT["conf.yaml.dvc"].replace(md5_of("a"), md5_of("b"))}
    found = found_stage(git_repo, {"use": ON_CONF}, moved)
    assert found.freshness == "unknown"
    (reason,) = found.reasons
    assert (reason.kind, reason.subject, reason.file) == ("dep-unknown", "conf.yaml", "conf.yaml")
    assert reason.detail is not None


# A stage without a `dvc.yaml`, as DVC wrote it before 1.0 and still reads.
SINGLE = """\
cmd: use
deps:
- {{path: make.py, md5: {dep}, size: 2}}
{more}outs:
- {{path: out, md5: {out}, size: 1}}
"""


@pytest.mark.parametrize(
    ("script", "more", "kinds"),
    [
        ("1\n", "", []),
        ("2\n", "", [("dep-changed", "make.py", "md5-dos2unix:" + md5_of("2\n"))]),
        (None, "", [("dep-missing", "make.py", None)]),
        ("2\n", "frozen: true\n", []),
        ("1\n", "- {path: new.py}\n", [("dep-added", "new.py", None)]),
        (
            "2\n",
            "always_changed: true\n",
            [
                ("always-changed", "use.dvc", None),
                ("dep-changed", "make.py", "md5-dos2unix:" + md5_of("2\n")),
            ],
        ),
    ],
    ids=["fresh", "edited", "missing", "frozen", "added", "always"],
)
def test_a_stage_of_a_dvc_file(
    git_repo: GitRepo, script: str | None, more: str, kinds: list[Any]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("use.dvc", SINGLE.format(dep=md5_of("1\n"), out=md5_of("o"), more=more))
    git_repo.write("new.py", "")
    if script is not None:
        git_repo.write("make.py", script)
    git_repo.commit()
    (stage,) = status_of(StatusRequest(git_repo.path)).report.stages
    found = [(reason.kind, reason.subject, reason.actual) for reason in stage.reasons]
    assert (stage.name, stage.freshness, found) == (
        "use.dvc",
        "stale" if [kind for kind, *_ in kinds if kind != "always-changed"] else "fresh",
        kinds,
    )


@pytest.mark.parametrize("ignored", ["dvc.yaml", "/dvc.*", "*.yaml"])
def test_a_pipeline_that_git_ignores_is_skipped(git_repo: GitRepo, ignored: str) -> None:
    runs = {"use": use("make.py", "1\n")}
    stage = found_stage(git_repo, runs, {".gitignore": f"{ignored}\n"})
    detail = "Git ignores its file, so DVC does not run it"
    assert stage.freshness == "unknown"
    assert stage.reasons == (Reason("skipped", "dvc.yaml", detail=detail, file="dvc.yaml"),)
