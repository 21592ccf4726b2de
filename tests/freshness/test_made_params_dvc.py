"""Params files that a stage or a `.dvc` file makes, in every form: edges, as for the real DVC."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.audit.history import history_steps
from lineage_diff.audit.impact import find_impacted, of_paths
from lineage_diff.audit.trace import RecordedFiles, inputs_behind, provenance, runs_behind
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from tests.freshness.made_params_cases import (
    ALONE,
    CYCLE,
    DATA,
    EDITS,
    FORMS,
    MODEL,
    Form,
    Tracked,
    Tuned,
    changed_commit,
    edges,
    edited_by_hand,
    status,
)
from tests.oracle.dvc_judge import DvcError, DvcJudge, dvc_index, dvc_params_diff
from tests.support.dvc_repo import DvcRepo, DvcShell


def test_the_edges_are_those_of_dvc(tuned: Tuned) -> None:
    with DvcJudge(tuned.repo.root) as judge:
        theirs = dvc_index(judge, tuned.commits[0])["edges"]
    assert edges(tuned.lineage(tuned.commits[0])) == theirs == [[tuned.form.train, "dvc.yaml:tune"]]


def test_what_trains_is_as_fresh_as_the_tuner(tuned: Tuned) -> None:
    tune, train = "dvc.yaml:tune", tuned.form.train
    run, edited, again = tuned.commits
    assert tuned.states(run) == tuned.states(again) == {tune: "fresh", train: "fresh"}
    found = freshness(tuned.state(edited))
    assert [found[name].freshness for name in (tune, train)] == ["stale", "stale"]
    (reason,) = found[train].reasons
    assert (reason.kind, reason.subject) == ("outdated-by", tune)


def test_the_cause_is_what_the_tuner_ran_on(tuned: Tuned) -> None:
    run, edited, again = tuned.commits
    way = ["dvc.yaml:tune", tuned.form.train]
    for head, change in ((edited, "unchanged"), (again, "retrained")):
        report = tuned.report(run, head)
        (model,) = report["models"]
        assert (model["path"], model["change"], model["affected"]) == (
            tuned.form.model,
            change,
            True,
        )
        causes = [(one["kind"], one["subject"], one["via"]) for one in model["causes"]]
        assert causes == [("data", "data.txt", way)]
    drawn = {(edge["from"], edge["to"]) for edge in report["graph"]["edges"]}
    assert ("stage:dvc.yaml:tune", f"file:{tuned.form.out}") in drawn
    assert (f"file:{tuned.form.file}", f"stage:{tuned.form.train}") in drawn


def test_the_advice_runs_both(tuned: Tuned) -> None:
    report = tuned.report(tuned.commits[0], tuned.commits[1])
    (finding,) = (item for item in report["findings"] if item["rule"] == "stale-model")
    address = tuned.form.train.removeprefix("dvc.yaml:")
    assert f"dvc repro {address}`" in json.dumps(finding)


def test_the_history_knows_the_way(tuned: Tuned) -> None:
    past, model = tuned.ledger(), tuned.form.model
    new, first = history_steps(past, model)
    assert (new.change, first.change) == ("retrained", "added")
    assert [(cause.kind, cause.subject) for cause in new.causes] == [("data", "data.txt")]
    found = provenance(past, model, past.entries[model][-1])
    assert [run.stage for run in runs_behind(past, found, RecordedFiles())] == [
        tuned.form.train,
        "dvc.yaml:tune",
    ]
    inputs = {item.path: item.via for item in inputs_behind(past, found)}
    assert inputs["data.txt"] == ("dvc.yaml:tune", tuned.form.train)
    (hit,) = find_impacted(past, [(model, None)], of_paths(("data.txt",)))
    assert len(hit.versions) == 2
    for path in {tuned.form.file, tuned.form.out}:
        assert [one.path for one in find_impacted(past, [(model, None)], of_paths((path,)))] == [
            model
        ]


def test_params_that_dvc_keeps_are_fetched(tuned: Tuned) -> None:
    run, _, again = tuned.commits
    with DvcJudge(tuned.repo.root) as judge:
        theirs = dvc_params_diff(judge, run, again)
    assert theirs == {tuned.form.file: {"lr": {"old": 0.1, "new": 0.2, "diff": 0.1}}}
    report = tuned.report(run, again, "metrics")
    assert report["params"] == theirs
    assert (tuned.report(run, again)["params"] == {}) == tuned.form.kept


@pytest.mark.parametrize("value", ["[1, 2]", "null", "{a: [1]}", "true"])
def test_fetched_params_need_not_be_numbers(value: str, shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"dvc.yaml": DATA.format(file="settings.yaml")})
    repo.files({"settings.yaml": f"lr: {value}\nother: 1\n"})
    repo.dvc("add", "-q", "settings.yaml")
    tuned = Tuned(Form(), repo, [repo.repro("Run")])
    assert status(repo) == set()
    tuned.commits.append(changed_commit(repo))
    (model,) = tuned.report(*tuned.commits, "metrics")["models"]
    assert model["freshness"] == "fresh"


@pytest.mark.parametrize("file", ["settings.yaml", "conf/settings.yaml"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_dvc_file_makes_params_too(
    edit: Tracked, file: str, shell: DvcShell, tmp_path: Path
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    target = file.partition("/")[0]
    repo.files({"dvc.yaml": DATA.format(file=file), file: "lr: 1\nother: 1\n"})
    repo.dvc("add", "-q", target)
    tuned = Tuned(Form(), repo, [repo.repro("Run")])
    repo.dvc("unprotect", target)
    repo.files({file: edit.text})
    repo.dvc("add", "-q", target)
    assert status(repo) == ({"train"} if edit.theirs else set())
    tuned.commits.append(changed_commit(repo))
    producer = f"{target}.dvc"
    with DvcJudge(repo.root) as judge:
        assert edges(tuned.lineage(tuned.commits[1])) == dvc_index(judge, tuned.commits[1])["edges"]
    assert tuned.states(tuned.commits[0]) == {producer: "fresh", "dvc.yaml:train": "fresh"}
    assert tuned.states(tuned.commits[1])["dvc.yaml:train"] == edit.ours
    (model,) = tuned.report(*tuned.commits)["models"]
    assert model["affected"] == edit.affected
    causes = [(cause["kind"], cause["subject"]) for cause in model["causes"]]
    assert causes == ([("data", target)] if edit.affected else [])
    (model,) = tuned.report(*tuned.commits, "metrics")["models"]
    assert (model["freshness"], model["affected"]) == (edit.fetched, edit.theirs)
    past = tuned.ledger()
    (hit,) = find_impacted(past, [(MODEL, None)], of_paths((file,)))
    assert hit.path == MODEL


def test_tuned_params_edited_by_hand_are_the_cause(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FORMS["not cached"].files())
    tuned = Tuned(FORMS["not cached"], repo, [repo.repro("Run")])
    edited_by_hand(repo)
    assert status(repo) == {"tune", "train"}
    tuned.commits.append(repo.save("Edit"))
    report = tuned.report(*tuned.commits)
    (model,) = report["models"]
    assert (model["freshness"], model["affected"]) == ("stale", True)
    assert [(one["kind"], one["subject"]) for one in model["causes"]] == [("data", "best.yaml")]
    node = next(one for one in report["graph"]["nodes"] if one["id"] == "file:best.yaml")
    assert node["change"] == "modified"


@pytest.mark.parametrize("pipeline", [CYCLE, ALONE])
def test_a_circle_through_params_is_refused(pipeline: str, shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"dvc.yaml": pipeline})
    commit = repo.save("A circle")
    with DvcJudge(repo.root) as judge, pytest.raises(DvcError, match=r"Circular|Cyclic"):
        dvc_index(judge, commit)
    lineage = LineageReader(open_repository(repo.path)).read(commit)
    assert [problem.rule for problem in lineage.problems] == ["cycle"]


@pytest.mark.parametrize(
    ("step", "states"),
    [
        (lambda repo: None, "fresh"),
        (lambda repo: repo.edit("dvc.yaml", "[lr]", "[lr, other]"), "stale"),
        (lambda repo: repo.edit("dvc.yaml", "{best.yaml: [lr]}", "{best.yaml: }"), "unknown"),
    ],
    ids=["nothing", "a key added", "the whole file"],
)
def test_keys_of_a_file_that_dvc_keeps(
    step: Callable[[DvcRepo], object], states: str, shell: DvcShell, tmp_path: Path
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FORMS["cached"].files())
    tuned = Tuned(FORMS["cached"], repo, [repo.repro("Run")])
    step(repo)
    changed = status(repo)
    tuned.commits.append(changed_commit(repo))
    found = tuned.states(tuned.commits[1])["dvc.yaml:train"]
    assert found == states
    assert changed == (set() if states == "fresh" else {"train"})


def test_params_that_git_ignores_are_not_known(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({".gitignore": "secret.yaml\n", "secret.yaml": "lr: 1\n"})
    repo.files({"dvc.yaml": DATA.format(file="secret.yaml")})
    tuned = Tuned(Form(), repo, [repo.repro("Run")])
    assert tuned.states(tuned.commits[0]) == {"dvc.yaml:train": "unknown"}
