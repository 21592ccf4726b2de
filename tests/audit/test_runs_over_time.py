"""Traces and impacts where runs were partial, repeated, undone, or used data no longer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.audit.questions import audit, impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history
from lineage_diff.report.answers import Trace
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

MODEL, DATA, SCRIPT, MADE = "model.pkl", "raw.csv", "train.py", "table.csv"
TRAIN = RecordedRun({MADE: "t", SCRIPT: "s"}, {MODEL: "m"}, params={"lr": 1}, cmd="fit")
PREPARE = RecordedRun({DATA: "r"}, {MADE: "t"}, cmd="make")
NAME = "churn"
ARTIFACTS = {NAME: {"path": MODEL, "type": "model"}}
Runs = Mapping[str, RecordedRun]


def prepared(data: str, table: str) -> RecordedRun:
    return PREPARE._replace(deps={DATA: data}, outs={MADE: table})


def trained(table: str, model: str, script: str = "s", lr: int = 1) -> RecordedRun:
    return TRAIN._replace(
        deps={MADE: table, SCRIPT: script}, outs={MODEL: model}, params={"lr": lr}
    )


def commit_all(repo: GitRepo, *commits: Runs) -> list[str]:
    ids = []
    for runs in commits:
        data = runs["prepare"].deps.get(DATA) if "prepare" in runs else None
        if isinstance(data, str):
            track_data(repo, DATA, data)
        write_runs(repo, runs, artifacts=ARTIFACTS)
        ids.append(repo.commit())
    return ids


def traced(path: Path) -> Trace:
    (found,) = trace(AuditRequest(open_history(path)), MODEL).traces
    return found


def test_a_run_on_an_older_version_is_followed_to_the_run_that_made_that(
    git_repo: GitRepo,
) -> None:
    ids = commit_all(
        git_repo,
        {"prepare": prepared("r", "t"), "train": trained("t", "m")},
        {"prepare": prepared("q", "u"), "train": trained("t", "m")},
        {"prepare": prepared("q", "u"), "train": trained("t", "n", lr=2)},
    )
    found = traced(git_repo.path)
    assert [(item.path, item.version.hash) for item in found.inputs if item.path == DATA] == [
        (DATA, f"md5:{md5_of('r')}")
    ]
    assert [(run.stage, run.made and run.made.id) for run in found.runs] == [
        ("dvc.yaml:train", ids[2]),
        ("dvc.yaml:prepare", ids[0]),
    ]


@pytest.mark.parametrize(
    ("runs", "made", "rate", "script"),
    [
        ([("m", "s", 1), ("m", "s", 2)], 0, 1, 0),
        ([("m", "s", 1), ("n", "s", 2), ("o", "s", 1)], 2, 2, 0),
        ([("m", "s", 1), ("n", "t", 1), ("o", "s", 1)], 2, 0, 2),
        ([("m", "s", 1), ("n", "s", 1), ("m", "s", 1)], 2, 0, 0),
    ],
    ids=["same result", "param and back", "code and back", "result and back"],
)
def test_since_is_the_first_of_the_latest_commits_without_a_gap(
    git_repo: GitRepo, runs: list[tuple[str, str, int]], made: int, rate: int, script: int
) -> None:
    ids = commit_all(
        git_repo,
        *({"prepare": PREPARE, "train": trained("t", model, code, lr)} for model, code, lr in runs),
    )
    found = traced(git_repo.path)
    assert found.made is not None
    assert ids.index(found.made.id) == made
    (param,) = found.params
    assert (param.key, param.value) == ("params.yaml:lr", runs[-1][2])
    assert param.since is not None
    assert ids.index(param.since.id) == rate
    since = {item.path: item.since for item in found.inputs}
    assert [info and ids.index(info.id) for info in (since[SCRIPT], since[DATA])] == [script, 0]


REPO = {"url": "https://example.org/r", "rev_lock": "1" * 40}


@pytest.mark.parametrize(
    ("source", "rev"),
    [
        ({"path": "d.csv", "repo": REPO}, "1" * 40),
        ({"path": "d.csv", "repo": {**REPO, "rev": "v1"}}, "1" * 40),
        ({"path": "d.csv", "repo": {"url": REPO["url"], "rev": "v1"}}, "v1"),
    ],
)
def test_an_import_names_its_source_and_revision(
    git_repo: GitRepo, source: dict[str, Any], rev: str
) -> None:
    track_data(git_repo, DATA, "r", deps=[source])
    write_runs(git_repo, {"prepare": PREPARE, "train": TRAIN})
    git_repo.commit()
    found = {item.path: item for item in traced(git_repo.path).inputs}
    assert (found[DATA].kind, found[DATA].source, found[DATA].rev) == ("import", REPO["url"], rev)
    assert (found[SCRIPT].kind, found[SCRIPT].source, found[SCRIPT].rev) == ("code", None, None)


WITHOUT = {"train": TRAIN._replace(deps={SCRIPT: "s"}, outs={MODEL: "x"})}
MADE_FROM = {"prepare": prepared("r", "t"), "train": trained("t", "m")}
UNHASHED = {"train": TRAIN._replace(deps={DATA: {"size": 1}}, outs={MODEL: "x"})}
RUN_AGAIN = {"prepare": prepared("q", "u"), "train": trained("u", "n")}
OLD_DATA_AGAIN = {"prepare": prepared("r", "t"), "train": trained("t", "o", lr=2)}


@pytest.mark.parametrize(
    ("after", "answer", "number"),
    [
        ([RUN_AGAIN], "yes", 1),
        ([RUN_AGAIN, {**RUN_AGAIN, "train": trained("u", "o", lr=2)}], "yes", 1),
        ([OLD_DATA_AGAIN, RUN_AGAIN], "yes", 2),
        ([MADE_FROM], "not-yet", None),
        ([UNHASHED], "unknown", None),
        ([WITHOUT], "yes", None),
        ([{"prepare": PREPARE}], "not-affected", None),
    ],
    ids=["run", "run twice", "run on the old", "not run", "no hash", "used no longer", "gone"],
)
def test_a_model_was_made_again_by_the_first_run_on_the_fixed_data(
    git_repo: GitRepo, after: list[Runs], answer: str, number: int | None
) -> None:
    commit_all(git_repo, MADE_FROM)
    track_data(git_repo, DATA, "q")
    fixed = git_repo.commit()
    ids = [fixed, *commit_all(git_repo, *after)]
    track_data(git_repo, DATA, "q")
    git_repo.commit()
    (fix,) = impact(AuditRequest(open_history(git_repo.path)), DATA, fixed).fixes
    answers = {
        item.path: (item.answer, item.commit and ids.index(item.commit.id), item.name)
        for item in fix.models
    }
    assert answers.get(MODEL, ("not-affected", None, NAME)) == (answer, number, NAME)


@pytest.mark.parametrize(
    ("subject", "versions", "clean"),
    [
        # In order of the newest: version, its first commit, the commit that ended it, if any.
        ("q", [("p", 4, None), ("o", 2, 3), ("n", 1, 2)], None),
        ("r", [("m", 3, 4), ("m", 0, 1)], 4),
        (SCRIPT, [("p", 4, None), ("m", 3, 4), ("o", 2, 3), ("n", 1, 2), ("m", 0, 1)], None),
        ("nowhere.csv", None, None),
    ],
)
def test_each_version_that_was_made_from_it_has_its_span(
    git_repo: GitRepo, subject: str, versions: list[Any] | None, clean: int | None
) -> None:
    first = {"prepare": prepared("r", "t"), "train": trained("t", "m")}
    other = prepared("q", "u")
    ids = commit_all(
        git_repo,
        first,
        {"prepare": other, "train": trained("u", "n")},
        {"prepare": other, "train": trained("u", "o", lr=2)},
        first,
        {"prepare": other, "train": trained("u", "p", lr=3)},
    )
    text = f"md5:{md5_of(subject)}" if len(subject) == 1 else subject
    request = AuditRequest(open_history(git_repo.path))
    if versions is None:
        with pytest.raises(InputError):
            impact(request, text)
        return
    models = {item.path: item for item in impact(request, text).impacts[0].models}
    found = models[MODEL]
    assert [
        (item.version.hash, ids.index(item.first.id), item.last and ids.index(item.last.id))
        for item in found.versions
        if item.first is not None
    ] == [(f"md5:{md5_of(letter)}", start, end) for letter, start, end in versions]
    assert (found.clean_since and ids.index(found.clean_since.id)) == clean
    ways = {
        "r": ("dvc.yaml:prepare", "dvc.yaml:train"),
        "q": ("dvc.yaml:prepare", "dvc.yaml:train"),
    }
    assert {item.via for item in found.versions} == {ways.get(subject, ("dvc.yaml:train",))}
    assert found.name == NAME


def test_a_run_on_the_fixed_data_before_its_commit_counts(git_repo: GitRepo) -> None:
    commit_all(git_repo, MADE_FROM)
    write_runs(git_repo, RUN_AGAIN, artifacts=ARTIFACTS)
    run = git_repo.commit()
    track_data(git_repo, DATA, "q")
    fixed = git_repo.commit()
    (fix,) = impact(AuditRequest(open_history(git_repo.path)), DATA, fixed).fixes
    assert [(item.path, item.answer, item.commit and item.commit.id) for item in fix.models] == [
        (MODEL, "yes", run)
    ]


def test_the_first_run_after_the_fix_counts_though_an_earlier_one_had_the_data(
    git_repo: GitRepo,
) -> None:
    commit_all(git_repo, MADE_FROM, RUN_AGAIN)
    track_data(git_repo, DATA, "r")
    git_repo.commit("take it back")
    track_data(git_repo, DATA, "q")
    fixed = git_repo.commit("fix it")
    (run,) = commit_all(git_repo, {**RUN_AGAIN, "train": trained("u", "o", lr=2)})
    (fix,) = impact(AuditRequest(open_history(git_repo.path)), DATA, fixed).fixes
    assert [(item.answer, item.commit and item.commit.id) for item in fix.models] == [("yes", run)]


@pytest.mark.parametrize(("params", "is_same_run"), [({"lr": 1}, True), ({"lr": 2}, False)])
def test_a_run_has_the_commit_of_the_out_that_it_is_traced_by(
    git_repo: GitRepo, params: dict[str, int], is_same_run: bool
) -> None:
    both = TRAIN._replace(outs={MODEL: "m", "other_model.pkl": "o"})
    again = both._replace(outs={MODEL: "m", "other_model.pkl": "p"}, params=params)
    first, second = commit_all(git_repo, {"train": both}, {"train": again})
    found = audit(AuditRequest(open_history(git_repo.path)))
    traces = {item.path: item for item in found.traces}
    made = {path: [run.made and run.made.id for run in item.runs] for path, item in traces.items()}
    assert made == {MODEL: [first if is_same_run else second], "other_model.pkl": [second]}


def test_a_cut_history_does_not_say_when_a_run_was(git_repo: GitRepo, tmp_path: Path) -> None:
    commit_all(git_repo, MADE_FROM)
    git_repo.write("README", "x")
    git_repo.commit()
    clone = git_repo.clone(tmp_path / "clone", "--depth", "1")
    found = traced(clone.path)
    assert [(run.stage, run.made) for run in found.runs] == [
        ("dvc.yaml:train", None),
        ("dvc.yaml:prepare", None),
    ]
    assert {item.since for item in found.inputs} == {None}


@pytest.mark.parametrize(
    ("has_run", "path", "stage", "text"),
    [
        (True, MODEL, "dvc.yaml:train", "m"),
        (True, MADE, "dvc.yaml:prepare", "t"),
        (True, DATA, f"{DATA}.dvc", "r"),
        (False, MODEL, "dvc.yaml:train", None),
    ],
    ids=["model", "table", "tracked data", "never run"],
)
def test_a_trace_names_the_stage_that_makes_a_path(
    git_repo: GitRepo, has_run: bool, path: str, stage: str, text: str | None
) -> None:
    track_data(git_repo, DATA, "r")
    write_runs(git_repo, MADE_FROM, artifacts=ARTIFACTS)
    if not has_run:
        (git_repo.path / "dvc.lock").unlink()
    git_repo.commit()
    (found,) = trace(AuditRequest(open_history(git_repo.path)), path).traces
    assert found.stage == stage
    assert found.version.hash == (None if text is None else f"md5:{md5_of(text)}")


def test_a_trace_over_a_merge_of_lock_entries_is_that_of_the_run(git_repo: GitRepo) -> None:
    """A merge that takes the script of one side and the model of the other is no run."""
    ids = commit_all(git_repo, {"prepare": PREPARE, "train": trained("t", "m")})
    git_repo.git("checkout", "-q", "-b", "side")
    commit_all(git_repo, {"prepare": PREPARE, "train": trained("t", "n", script="better")})
    git_repo.git("checkout", "-q", "-")
    ids += commit_all(git_repo, {"prepare": PREPARE, "train": trained("t", "o", lr=2)})
    git_repo.git("merge", "-q", "-s", "ours", "--no-commit", "side")
    commit_all(git_repo, {"prepare": PREPARE, "train": trained("t", "o", script="better", lr=2)})
    found = traced(git_repo.path)
    assert found.made is not None
    assert (found.made.id, found.version.hash) == (ids[1], f"md5:{md5_of('o')}")
    assert {item.path: item.version.hash for item in found.inputs} == {
        DATA: f"md5:{md5_of('r')}",
        SCRIPT: f"md5:{md5_of('s')}",
    }
    assert [(param.value, param.since and param.since.id) for param in found.params] == [
        (2, ids[1])
    ]


def test_data_behind_a_link_in_git_is_a_source(git_repo: GitRepo) -> None:
    track_data(git_repo, DATA, "r")
    git_repo.symlink("link.csv", DATA)
    run = TRAIN._replace(deps={"link.csv": "r", SCRIPT: "s"})
    write_runs(git_repo, {"train": run})
    first = git_repo.commit()
    found = {item.path: item for item in traced(git_repo.path).inputs}
    assert sorted(found) == [DATA, SCRIPT]
    assert (found[DATA].kind, found[DATA].version.hash) == ("data", f"md5:{md5_of('r')}")
    since = found[DATA].since
    assert since is not None
    assert since.id == first


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (DATA, "data"),
        (SCRIPT, "code"),
        ("requirements.txt", "environment"),
        ("settings.yaml", "code"),
    ],
)
def test_each_input_that_git_tracks_has_its_kind(git_repo: GitRepo, path: str, kind: str) -> None:
    git_repo.write(path, "s")
    write_runs(git_repo, {"train": TRAIN._replace(deps={path: "s"})})
    git_repo.commit()
    (found,) = traced(git_repo.path).inputs
    assert (found.path, found.kind) == (path, kind)


@pytest.mark.parametrize(
    ("script", "freshness", "reasons"),
    [
        ("s", "fresh", []),
        ("t", "stale", [("dep-changed", SCRIPT, f"md5:{md5_of('t')}", f"md5:{md5_of('s')}")]),
    ],
)
def test_a_trace_has_the_reasons_of_the_state_now(
    git_repo: GitRepo, script: str, freshness: str, reasons: list[tuple[str, ...]]
) -> None:
    write_runs(git_repo, {"train": TRAIN._replace(deps={SCRIPT: "s"})})
    git_repo.write(SCRIPT, script)
    git_repo.commit()
    found = traced(git_repo.path)
    assert (found.freshness, found.freshness_then) == (freshness, freshness)
    assert [
        (item.kind, item.subject, item.actual, item.locked) for item in found.reasons
    ] == reasons
