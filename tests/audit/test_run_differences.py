"""What two recorded runs of a model's stage differ in: each difference with its exact values."""

from collections.abc import Mapping
from typing import Any

import pytest

from lineage_diff.app.audit.questions import trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.audit.history import history_steps
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.history.reader import open_history
from lineage_diff.report.answers import HistoryStep
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

MODEL, DATA, SCRIPT = "model.pkl", "raw.csv", "train.py"
# What `old` and `new` of a cause are where they are the versions of a dep.
A, B = f"md5:{md5_of('a')}", f"md5:{md5_of('b')}"
USUAL = RecordedRun(deps={"table.csv": "t", SCRIPT: "a"}, params={"lr": 1}, outs={MODEL: "m"})
VIA = ("dvc.yaml:train",)


def book(repo: GitRepo) -> Ledger:
    history = open_history(repo.path)
    return ledger(history.timeline(history.repository.head())())


def newest_step(repo: GitRepo, *commits: Mapping[str, RecordedRun]) -> HistoryStep:
    for runs in commits:
        write_runs(repo, runs)
        repo.commit()
    return history_steps(book(repo), MODEL)[0]


@pytest.mark.parametrize(
    ("changed", "causes"),
    [
        ({"cmd": "fit"}, [("command", "dvc.yaml:train", "modified", "run", "fit", VIA)]),
        (
            {"cmd": ["fit", "test"]},
            [("command", "dvc.yaml:train", "modified", "run", ["fit", "test"], VIA)],
        ),
        ({"params": {"lr": 2}}, [("param", "params.yaml:lr", "modified", 1, 2, VIA)]),
        (
            {"params": {"lr": 1, "seed": 7}},
            [("structure", "params.yaml:seed", "added", None, None, VIA)],
        ),
        ({"params": {}}, [("structure", "params.yaml:lr", "removed", None, None, VIA)]),
        (
            {"params": {"rate": 1}},
            [
                ("structure", "params.yaml:lr", "removed", None, None, VIA),
                ("structure", "params.yaml:rate", "added", None, None, VIA),
            ],
        ),
        (
            {"deps": {**USUAL.deps, "more.csv": "x"}},
            [("structure", "more.csv", "added", None, None, VIA)],
        ),
        ({"deps": {"table.csv": "t"}}, [("structure", SCRIPT, "removed", None, None, VIA)]),
        ({"deps": {**USUAL.deps, SCRIPT: "b"}}, [("code", SCRIPT, "modified", A, B, VIA)]),
        ({}, []),
    ],
    ids=[
        "command",
        "commands",
        "param",
        "param added",
        "param removed",
        "param renamed",
        "dep added",
        "dep removed",
        "code",
        "nothing",
    ],
)
def test_each_difference_of_two_runs_is_a_cause(
    git_repo: GitRepo, changed: dict[str, Any], causes: list[tuple[Any, ...]]
) -> None:
    after = USUAL._replace(outs={MODEL: "n"}, **changed)
    step = newest_step(git_repo, {"train": USUAL}, {"train": after})
    assert step.change == "retrained"
    assert told(step) == causes


def told(step: HistoryStep) -> list[tuple[Any, ...]]:
    return [(c.kind, c.subject, c.change, c.old, c.new, c.via) for c in step.causes]


def test_a_changed_dep_has_its_size_before_and_after(git_repo: GitRepo) -> None:
    runs = [
        {"train": RecordedRun(deps={DATA: text}, outs={MODEL: text})} for text in ("12", "12345")
    ]
    (cause,) = newest_step(git_repo, *runs).causes
    assert (cause.subject, cause.size_old, cause.size_new) == (DATA, 2, 5)


def test_differences_upstream_are_causes_with_their_way_down(git_repo: GitRepo) -> None:
    prepare = RecordedRun(deps={DATA: "d"}, outs={"table.csv": "t"}, cmd="make")
    again = prepare._replace(outs={"table.csv": "u"}, cmd="make --all")
    after = USUAL._replace(deps={"table.csv": "u", SCRIPT: "a"}, outs={MODEL: "n"})
    step = newest_step(
        git_repo, {"prepare": prepare, "train": USUAL}, {"prepare": again, "train": after}
    )
    assert told(step) == [
        (
            "command",
            "dvc.yaml:prepare",
            "modified",
            "make",
            "make --all",
            ("dvc.yaml:prepare", "dvc.yaml:train"),
        )
    ]


def test_a_params_file_that_a_run_made_otherwise_is_data(git_repo: GitRepo) -> None:
    """Nothing else of that run changed: it is not reproducible."""
    steps = []
    for text, lr, model in (("a", 1, "m"), ("b", 2, "n")):
        tune = RecordedRun({}, {"best.yaml": text}, cmd="tune")
        train = USUAL._replace(params={"lr": lr}, param_file="best.yaml", outs={MODEL: model})
        steps.append({"tune": tune, "train": train})
    assert told(newest_step(git_repo, *steps)) == [("data", "best.yaml", "modified", A, B, VIA)]


REPO = {"url": "https://example.org/r", "rev_lock": "1" * 40}


@pytest.mark.parametrize(
    ("key", "before", "after", "cause"),
    [
        (
            "deps",
            [{"path": "d.csv", "repo": REPO}],
            [{"path": "d.csv", "repo": {**REPO, "rev_lock": "2" * 40}}],
            ("modified", "1" * 40, "2" * 40),
        ),
        (
            "deps",
            [{"path": "d.csv", "repo": REPO}],
            [{"path": "e.csv", "repo": REPO}],
            ("modified", "d.csv", "e.csv"),
        ),
        (
            "deps",
            [{"path": "https://example.org/d.csv", "etag": "1"}],
            [{"path": "https://example.org/d.csv", "etag": "2"}],
            ("modified", "etag:1", "etag:2"),
        ),
    ],
    ids=["revision", "path", "etag"],
)
def test_an_import_is_described_by_what_moved_it(
    git_repo: GitRepo, key: str, before: Any, after: Any, cause: tuple[Any, ...]
) -> None:
    for run, source, text in ((USUAL, before, "a"), (USUAL, after, "b")):
        track_data(git_repo, DATA, text, **{key: source})
        deps = {DATA: text, SCRIPT: "a"}
        write_runs(git_repo, {"train": run._replace(deps=deps, outs={MODEL: text})})
        git_repo.commit()
    (found,) = history_steps(book(git_repo), MODEL)[0].causes
    assert (found.kind, found.subject) == ("import", DATA)
    assert (found.change, found.old, found.new) == cause


@pytest.mark.parametrize(
    ("paths", "steps"),
    [
        (["a.pkl", "b.pkl"], ["moved b.pkl", "added a.pkl"]),
        (["a.pkl", "b.pkl", "a.pkl"], ["moved a.pkl", "moved b.pkl", "added a.pkl"]),
        (
            ["a.pkl", "b.pkl", "a.pkl", "b.pkl", "c.pkl"],
            ["moved c.pkl", "moved b.pkl", "moved a.pkl", "moved b.pkl", "added a.pkl"],
        ),
        (["a.pkl", None, "a.pkl"], ["added a.pkl", "removed a.pkl", "added a.pkl"]),
    ],
    ids=["away", "and back", "to and fro", "gone and back"],
)
def test_a_history_goes_on_behind_every_rename(
    git_repo: GitRepo, paths: list[str | None], steps: list[str]
) -> None:
    for path in paths:
        outs = {path: "m"} if path is not None else {}
        write_runs(git_repo, {"train": USUAL._replace(outs=outs)})
        git_repo.commit()
    assert paths[-1] is not None
    found = history_steps(book(git_repo), paths[-1])
    assert [f"{step.change} {step.path}" for step in found] == steps


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        (("fit", "old/m.pkl", "m"), ("train", "new/m.pkl", "n"), ["moved", "added"]),
        (("fit", "old.pkl", "m"), ("fit", "new.pkl", "n"), ["moved", "added"]),
        (("fit", "old.pkl", "m"), ("train", "new.pkl", "m"), ["moved", "added"]),
        (("fit", "old.pkl", "m"), ("train", "new.pkl", "n"), ["added"]),
        (("fit", "m/old.pkl", "m"), ("train", "m/new.pkl", "n"), ["added"]),
    ],
    ids=["file name", "stage", "content", "nothing", "folder only"],
)
def test_a_model_moved_if_content_stage_or_file_name_stays(
    git_repo: GitRepo,
    old: tuple[str, str, str],
    new: tuple[str, str, str],
    steps: list[str],
) -> None:
    for stage, path, text in (old, new):
        write_runs(git_repo, {stage: USUAL._replace(outs={path: text})})
        git_repo.commit()
    assert [step.change for step in history_steps(book(git_repo), new[1])] == steps


def test_a_renamed_stage_is_a_cause_beside_what_else_changed(git_repo: GitRepo) -> None:
    newest_step(git_repo, {"fit": USUAL})
    again = USUAL._replace(cmd="train --fast", outs={MODEL: "n"})
    step = newest_step(git_repo, {"train": again})
    assert (step.change, step.stage) == ("retrained", "dvc.yaml:train")
    assert told(step) == [
        ("command", "dvc.yaml:train", "modified", "run", "train --fast", VIA),
        ("structure", "dvc.yaml:train", "renamed", "dvc.yaml:fit", "dvc.yaml:train", VIA),
    ]


def test_a_path_that_dvc_never_made_has_no_history(git_repo: GitRepo) -> None:
    write_runs(git_repo, {"train": USUAL})
    git_repo.commit()
    assert history_steps(book(git_repo), "nowhere.pkl") == ()


def test_two_new_versions_of_one_script_are_two_causes(git_repo: GitRepo) -> None:
    """Each of two stages above ran on another version of it, one commit after the other."""

    def runs(first: str, second: str, model: str) -> Mapping[str, RecordedRun]:
        outs = {"a.bin": f"a{first}", "b.bin": f"b{second}"}
        return {
            "a": RecordedRun({SCRIPT: first}, {"a.bin": outs["a.bin"]}),
            "b": RecordedRun({SCRIPT: second}, {"b.bin": outs["b.bin"]}),
            "train": RecordedRun(outs, {MODEL: model}),
        }

    step = newest_step(git_repo, runs("a", "a", "m"), runs("b", "c", "n"))
    found = [(cause.kind, cause.subject, cause.old, cause.new, cause.via) for cause in step.causes]
    assert found == sorted(
        [
            ("code", SCRIPT, A, B, ("dvc.yaml:a", "dvc.yaml:train")),
            ("code", SCRIPT, A, f"md5:{md5_of('c')}", ("dvc.yaml:b", "dvc.yaml:train")),
        ],
        key=lambda cause: repr(cause[3]),
    )


@pytest.mark.parametrize(
    ("out", "artifacts", "found"),
    [
        (MODEL, {}, (MODEL, None, "convention")),
        ("o.out", {"churn": {"path": "o.out", "type": "model"}}, ("o.out", "churn", "artifact")),
        ("o.out", {}, ("o.out", None, None)),
    ],
)
def test_a_trace_says_by_what_the_model_is_known(
    git_repo: GitRepo, out: str, artifacts: Mapping[str, Any], found: tuple[str | None, ...]
) -> None:
    git_repo.write(SCRIPT, "a")
    write_runs(git_repo, {"train": RecordedRun({SCRIPT: "a"}, {out: "m"})}, artifacts=artifacts)
    commit = git_repo.commit()
    (told,) = trace(AuditRequest(open_history(git_repo.path)), out).traces
    assert (told.path, told.name, told.identified_by) == found
    assert (told.stage, told.freshness, told.version.hash) == (
        "dvc.yaml:train",
        "fresh",
        f"md5:{md5_of('m')}",
    )
    assert told.made is not None
    assert told.commit == told.made.id == commit
