"""Each kind of cause of an affected model, with its values, from two real commits."""

from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.reasons import Cause
from lineage_diff.report.report import Report
from tests.support.edits import Edit, declared, written
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

PREPARE = RecordedRun({"raw.csv": "r"}, {"table.csv": "t"}, cmd="make")
TRAIN = RecordedRun(
    {"table.csv": "t", "train.py": "1\n"}, {"model.pkl": "m"}, {"m.json": "{}"}, {"lr": 1}, "fit"
)
REPO = {"url": "https://example.org/r", "rev_lock": "1" * 40}
OTHER = {**REPO, "rev_lock": "2" * 40}
HERE = ("dvc.yaml:train",)
ABOVE = ("dvc.yaml:prepare", "dvc.yaml:train")


def tracked(text: str, **more: Any) -> Edit:
    return lambda repo: track_data(repo, "raw.csv", text, **more)


def both(*edits: Edit) -> Edit:
    return lambda repo: [edit(repo) for edit in edits]


def ran_on(repo: GitRepo) -> None:
    prepare = PREPARE._replace(deps={"raw.csv": "rr"}, outs={"table.csv": "tt"})
    deps = {"table.csv": "tt", "train.py": "2\n"}
    train = TRAIN._replace(deps=deps, outs={"model.pkl": "n"}, params={"lr": 3})
    both(written("train.py", "2\n"), tracked("rr"))(repo)
    write_runs(repo, {"prepare": prepare, "train": train})


def compared(repo: GitRepo, edit: Edit, before: Edit = lambda _: None) -> Report:
    track_data(repo, "raw.csv", "r")
    repo.write("train.py", "1\n")
    write_runs(repo, {"prepare": PREPARE, "train": TRAIN})
    before(repo)
    repo.commit("base")
    edit(repo)
    repo.commit("edit")
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report


def md5(text: str) -> str:
    return f"md5:{md5_of(text)}"


CODE = ("code", "train.py", "modified", md5("1\n"), md5("2\n"), HERE)
DATA = ("data", "raw.csv", "modified", md5("r"), md5("rr"), ABOVE)
# The edit, the causes without their commits, and the number of those that have a commit.
CASES: dict[str, tuple[Edit, list[tuple[Any, ...]], int]] = {
    "code": (written("train.py", "2\n"), [CODE], 1),
    "code gone": (
        lambda repo: repo.remove("train.py"),
        [("code", "train.py", "removed", md5("1\n"), None, HERE)],
        1,
    ),
    "data": (tracked("rr"), [DATA], 1),
    "data gone": (
        lambda repo: repo.remove("raw.csv.dvc"),
        [("data", "raw.csv", "removed", md5("r"), None, ABOVE)],
        1,
    ),
    "param": (
        written("params.yaml", "lr: 2\n"),
        [("param", "params.yaml:lr", "modified", 1, 2, HERE)],
        1,
    ),
    "param gone": (
        written("params.yaml", "other: 2\n"),
        [("param", "params.yaml:lr", "removed", 1, None, HERE)],
        1,
    ),
    "command": (
        declared("cmd: fit", "cmd: fit --all"),
        [("command", "dvc.yaml:train", "modified", "fit", "fit --all", HERE)],
        1,
    ),
    "command above": (
        declared("cmd: make", "cmd: make all"),
        [("command", "dvc.yaml:prepare", "modified", "make", "make all", ABOVE)],
        1,
    ),
    "dep added": (
        both(
            declared("    - train.py\n", "    - train.py\n    - more.csv\n"),
            written("more.csv", "x"),
        ),
        [("structure", "more.csv", "added", None, None, HERE)],
        1,
    ),
    "dep copied and edited": (
        both(
            declared("    - train.py\n", "    - train.py\n    - copy.py\n"),
            written("copy.py", "1\n"),
            written("train.py", "2\n"),
        ),
        [CODE, ("structure", "copy.py", "added", None, None, HERE)],
        2,
    ),
    "dep renamed": (
        both(
            declared("    - train.py\n", "    - fit.py\n"),
            written("fit.py", "1\n"),
            lambda repo: repo.remove("train.py"),
        ),
        [("code", "fit.py", "renamed", "train.py", "fit.py", HERE)],
        1,
    ),
    "dep removed": (
        declared("    - train.py\n", ""),
        [("structure", "train.py", "removed", None, None, HERE)],
        0,
    ),
    "param added": (
        declared("    - lr\n", "    - lr\n    - seed\n"),
        [("structure", "params.yaml:seed", "added", None, None, HERE)],
        0,
    ),
    "param removed": (
        declared("    params:\n    - lr\n", ""),
        [("structure", "params.yaml:lr", "removed", None, None, HERE)],
        0,
    ),
    "frozen": (declared("    cmd: fit\n", "    cmd: fit\n    frozen: true\n"), [], 0),
    "another file": (written("requirements.txt", "x==1\n"), [], 0),
    "a run on new inputs": (
        ran_on,
        [CODE, ("param", "params.yaml:lr", "modified", 1, 3, HERE), DATA],
        3,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_causes_of_a_model(
    git_repo: GitRepo, case: tuple[Edit, list[tuple[Any, ...]], int]
) -> None:
    edit, causes, with_commit = case
    (model,) = compared(git_repo, edit).models
    assert [values(cause) for cause in model.causes] == causes
    head = git_repo.git("rev-parse", "HEAD")
    found = sorted(cause.commits for cause in model.causes)
    assert found == [()] * (len(causes) - with_commit) + [(head,)] * with_commit
    assert (model.affected, model.omitted_causes) == (bool(causes), 0)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("fit.py", "code"),
        ("fit", "code"),
        ("csv", "data"),
        ("table.CSV", "data"),
        ("images/a.png", "data"),
        ("Dockerfile", "environment"),
        ("Dockerfile.gpu", "environment"),
        ("env/requirements-dev.txt", "environment"),
        ("requirements.in", "environment"),
        ("requirements.md", "code"),
        ("my-requirements.txt", "data"),
        ("uv.lock", "environment"),
    ],
)
def test_a_file_of_git_is_of_a_kind_by_its_name(git_repo: GitRepo, path: str, kind: str) -> None:
    texts = ("1\n", "22\n", None, "1\n")
    expected = [
        ("modified", md5("1\n"), md5("22\n"), 2, 3),
        ("removed", md5("22\n"), None, 3, None),
        ("added", None, md5("1\n"), None, 2),
    ]
    write_runs(git_repo, {"train": RecordedRun({path: "1\n"}, {"model.pkl": "m"})})
    for text in texts:
        git_repo.remove(path) if text is None else git_repo.write(path, text)
        git_repo.commit()
    for number, (change, old, new, size_old, size_new) in enumerate(expected):
        ends = (f"HEAD~{3 - number}", f"HEAD~{2 - number}")
        (model,) = compare_revisions(Request(git_repo.path, *ends, direct=True)).report.models
        (cause,) = model.causes
        assert values(cause) == (kind, path, change, old, new, HERE)
        assert (cause.size_old, cause.size_new) == (size_old, size_new)


def test_a_run_that_catches_up_with_an_older_edit_names_both_versions(git_repo: GitRepo) -> None:
    git_repo.write("train.py", "1\n")
    for text, out in (("", "m"), ("1\n", "n")):
        write_runs(git_repo, {"train": RecordedRun({"train.py": text}, {"model.pkl": out})})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (model,) = report.models
    assert [values(cause) for cause in model.causes] == [
        ("code", "train.py", "modified", md5(""), md5("1\n"), HERE)
    ]


def test_a_run_that_catches_up_with_what_is_made_upstream_names_each(git_repo: GitRepo) -> None:
    """`train` of the base had not yet run on what `make` made last; then it did."""
    make = RecordedRun({"make.py": "1\n"}, {"t.csv": "t2", "u.csv": "u2"}, cmd="make")
    git_repo.write("make.py", "1\n")
    for number, out in ((1, "m"), (2, "n")):
        deps = {"t.csv": f"t{number}", "u.csv": f"u{number}"}
        train = RecordedRun(deps, {"model.pkl": out}, cmd="fit")
        write_runs(git_repo, {"make": make, "train": train})
        git_repo.commit()
    (model,) = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.models
    assert [values(cause) for cause in model.causes] == [
        ("data", path, "modified", md5(f"{path[0]}1"), md5(f"{path[0]}2"), HERE)
        for path in ("t.csv", "u.csv")
    ]


def test_commands_in_parts_are_lists(git_repo: GitRepo) -> None:
    for cmd in (["a", "b"], ["a", "c"]):
        write_runs(git_repo, {"train": TRAIN._replace(cmd=cmd, deps={})})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (model,) = report.models
    assert [values(cause) for cause in model.causes] == [
        ("command", "dvc.yaml:train", "modified", ["a", "b"], ["a", "c"], HERE)
    ]


def values(cause: Cause) -> tuple[Any, ...]:
    return (cause.kind, cause.subject, cause.change, cause.old, cause.new, cause.via)


def test_sizes_of_data_are_those_of_both_versions(git_repo: GitRepo) -> None:
    (model,) = compared(git_repo, tracked("rrr")).models
    assert [(cause.size_old, cause.size_new) for cause in model.causes] == [(1, 3)]


IMPORTED = tracked("r", deps=[{"path": "d.csv", "repo": REPO}])


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        ({"path": "d.csv", "repo": OTHER}, "1" * 40, "2" * 40),
        ({"path": "e.csv", "repo": REPO}, "d.csv", "e.csv"),
        (
            {"path": "d.csv", "repo": {**REPO, "url": "https://example.org/s"}},
            "https://example.org/r",
            "https://example.org/s",
        ),
    ],
    ids=["revision", "path", "source"],
)
def test_an_import_is_the_cause_with_what_moved_it(
    git_repo: GitRepo, source: dict[str, Any], old: str, new: str
) -> None:
    (model,) = compared(git_repo, tracked("rr", deps=[source]), IMPORTED).models
    (cause,) = model.causes
    assert values(cause) == ("import", "raw.csv", "modified", old, new, ABOVE)
    assert (cause.size_old, cause.size_new) == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("v1", "v2", "v1", "v2"),
        # One name for two commits, or a name on one side only: the commits differ.
        ("v1", "v1", "1" * 40, "2" * 40),
        ("v1", None, "1" * 40, "2" * 40),
        (None, "v2", "1" * 40, "2" * 40),
    ],
)
def test_an_import_of_another_tag_is_described_by_the_tags(
    git_repo: GitRepo, before: str | None, after: str | None, old: str, new: str
) -> None:
    base, head = (
        tracked("r", deps=[{"path": "d.csv", "repo": {**repo, **({"rev": rev} if rev else {})}}])
        for repo, rev in ((REPO, before), (OTHER, after))
    )
    (model,) = compared(git_repo, head, base).models
    assert [values(cause) for cause in model.causes] == [
        ("import", "raw.csv", "modified", old, new, ABOVE)
    ]


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (declared("cmd: fit", "cmd: fit --all"), ("cmd",)),
        (declared("    - train.py\n", ""), ("deps",)),
        (declared("    - model.pkl\n", "    - other.pkl\n"), ("outs",)),
        (declared("    - m.json:\n", "    - n.json:\n"), ("metrics",)),
        (declared("        cache: false\n", "        cache: true\n"), ("metrics",)),
        (declared("    - lr\n", "    - rate\n"), ("params",)),
        (declared("    cmd: fit\n", "    cmd: fit\n    plots: [p.csv]\n"), ("plots",)),
        (declared("    cmd: fit\n", "    cmd: fit\n    frozen: true\n"), ("frozen",)),
        (
            declared("    cmd: fit\n", "    cmd: fit\n    always_changed: true\n"),
            ("always_changed",),
        ),
        (declared("    cmd: fit\n", "    cmd: fit\n    desc: Fits\n"), ("desc",)),
        (ran_on, ("ran",)),
    ],
)
def test_the_changed_parts_of_a_stage(
    git_repo: GitRepo, edit: Edit, changed: tuple[str, ...]
) -> None:
    stages = {stage.name: stage for stage in compared(git_repo, edit).stages}
    stage = stages["dvc.yaml:train"]
    assert (stage.change, stage.changed) == ("modified", changed)


def test_a_long_way_from_a_cause_shows_its_first_and_last_stages(git_repo: GitRepo) -> None:
    runs = {
        f"s{number:02}": RecordedRun({f"f{number - 1}": "x"}, {f"f{number}": "x"})
        for number in range(1, 40)
    }
    runs["train"] = RecordedRun({"f39": "x"}, {"model.pkl": "m"})
    for text in ("x", "y"):
        track_data(git_repo, "f0", text)
        write_runs(git_repo, runs)
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (cause,) = report.models[0].causes
    names = [stage.partition(":")[2] for stage in cause.via]
    ways = [*(f"s{number:02}" for number in range(1, 40)), "train"]
    assert names == [*ways[:12], *ways[-12:]]


def test_models_that_moved(git_repo: GitRepo) -> None:
    for folder in ("old", "new"):
        outs = {f"{folder}/model.pkl": "m", f"{folder}/other_model.pkl": "m", f"{folder}/x": "x"}
        write_runs(git_repo, {"train": TRAIN._replace(outs=outs)})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    assert [(model.path, model.change, model.renamed_from) for model in report.models] == [
        ("new/model.pkl", "moved", "old/model.pkl"),
        ("new/other_model.pkl", "moved", "old/other_model.pkl"),
    ]


def test_changed_data_names_git_a_stage_or_dvc_as_its_tracker(git_repo: GitRepo) -> None:
    def edit(repo: GitRepo) -> None:
        tracked("rr")(repo)
        metrics = {"m.json": '{"a": 1}'}
        train = TRAIN._replace(outs={"model.pkl": "n"}, metrics=metrics)
        write_runs(repo, {"prepare": PREPARE, "train": train})

    data = compared(git_repo, edit).data
    assert [(item.path, item.change, item.tracked_by) for item in data] == [
        ("m.json", "modified", "git"),
        ("model.pkl", "modified", "stage"),
        ("raw.csv", "modified", "dvc"),
    ]


@pytest.mark.parametrize("content", ["r", "other"])
def test_data_that_moves_into_git_affects_a_model_by_its_content_alone(
    git_repo: GitRepo, content: str
) -> None:
    def edit(repo: GitRepo) -> None:
        (repo.path / "raw.csv.dvc").unlink()
        repo.write("raw.csv", content)

    report = compared(git_repo, edit)
    assert [(item.path, item.change) for item in report.data] == [("raw.csv", "removed")]
    assert [model.affected for model in report.models] == [content != "r"]


@pytest.mark.parametrize(
    ("target", "text", "is_cause"),
    [("one.csv", "22", False), ("two.csv", "22", True), ("two.csv", "1", False)],
    ids=["same link", "another file", "same content"],
)
def test_a_link_that_leads_to_other_data_is_a_cause(
    git_repo: GitRepo, target: str, text: str, is_cause: bool
) -> None:
    track_data(git_repo, "one.csv", "1")
    track_data(git_repo, "two.csv", text)
    write_runs(git_repo, {"train": RecordedRun({"link.csv": "1"}, {"model.pkl": "m"})})
    git_repo.symlink("link.csv", "one.csv")
    git_repo.commit()
    git_repo.remove("link.csv")
    git_repo.symlink("link.csv", target)
    git_repo.write("README.md", "x")
    head = git_repo.commit()
    (model,) = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.models
    hashes = f"md5:{md5_of('1')}", f"md5:{md5_of('22')}"
    via = ("dvc.yaml:train",)
    cause = Cause("data", "link.csv", "modified", *hashes, via, (head,), size_old=1, size_new=2)
    assert model.causes == ((cause,) if is_cause else ())
