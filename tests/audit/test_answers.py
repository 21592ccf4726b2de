"""Histories, origins and impact over small histories, written as DVC writes them."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lineage_diff.audit.history import history_steps
from lineage_diff.audit.impact import find_impacted, find_retrained, of_hashes, of_paths
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.audit.trace import (
    RecordedFiles,
    inputs_behind,
    params_behind,
    provenance,
    runs_behind,
)
from lineage_diff.history.reader import open_history
from tests.support.git_repo import GitRepo

MODEL, DATA, SCRIPT = "models/churn.pkl", "data/raw.csv", "src/train.py"


@dataclass
class Run:
    """One commit: what `train` and `prepare` last ran on. Letters stand for contents."""

    data: str = "a"
    prepared: str = "p"
    script: str = "s"
    rate: float = 0.1
    model: str = "m"
    out: str = MODEL
    stage: str = "train"
    subject: str = "A run"


@dataclass
class Past:
    """A repository with one commit a run, and the ledger of it."""

    repo: GitRepo
    commits: list[str] = field(default_factory=list)

    def commit(self, run: Run) -> str:
        self.repo.write("dvc.yaml", pipeline(run))
        self.repo.write("dvc.lock", lock(run))
        self.repo.write(
            f"{DATA}.dvc", f"outs:\n- md5: {md5(run.data)}\n  size: 5\n  path: raw.csv\n"
        )
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", run.subject)
        self.commits.append(self.repo.git("rev-parse", "HEAD"))
        return self.commits[-1]

    def ledger(self) -> Ledger:
        history = open_history(self.repo.path)
        return ledger(history.timeline(history.repository.head())())

    def number(self, commit: object) -> int | None:
        """Return which run a commit was."""
        return None if commit is None else self.commits.index(commit.id)  # type: ignore[attr-defined]


def md5(letter: str) -> str:
    return (letter.encode().hex() * 32)[:32]


def pipeline(run: Run) -> str:
    return (
        "stages:\n"
        f"  prepare:\n    cmd: prepare\n    deps: [{DATA}]\n    outs: [prepared]\n"
        f"  {run.stage}:\n    cmd: train\n    deps: [prepared, {SCRIPT}]\n"
        f"    params: [rate]\n    outs: [{run.out}]\n"
    )


def item(path: str, letter: str) -> str:
    return f"    - path: {path}\n      hash: md5\n      md5: {md5(letter)}\n      size: 7\n"


def lock(run: Run) -> str:
    return (
        "schema: '2.0'\nstages:\n"
        f"  prepare:\n    cmd: prepare\n    deps:\n{item(DATA, run.data)}"
        f"    outs:\n{item('prepared', run.prepared)}"
        f"  {run.stage}:\n    cmd: train\n    deps:\n{item('prepared', run.prepared)}"
        f"{item(SCRIPT, run.script)}    params:\n      params.yaml:\n        rate: {run.rate}\n"
        f"    outs:\n{item(run.out, run.model)}"
    )


@pytest.fixture
def past(git_repo: GitRepo) -> Past:
    return Past(git_repo)


def test_each_version_has_its_causes_and_its_pull_request(past: Past) -> None:
    past.commit(Run())
    past.commit(Run(rate=0.2, model="n", subject="Merge pull request #7 from octo/rate"))
    past.commit(Run(rate=0.2, model="n", data="b", subject="Data, not run"))
    past.commit(Run(rate=0.2, model="o", data="b", prepared="q", script="t", subject="Edit (#12)"))
    steps = history_steps(past.ledger(), MODEL)
    told = [
        (past.number(s.commit), s.change, [(c.kind, c.subject, c.old, c.new) for c in s.causes])
        for s in steps
    ]
    assert told == [
        (
            3,
            "retrained",
            [
                ("code", SCRIPT, f"md5:{md5('s')}", f"md5:{md5('t')}"),
                ("data", DATA, f"md5:{md5('a')}", f"md5:{md5('b')}"),
            ],
        ),
        (1, "retrained", [("param", "params.yaml:rate", 0.1, 0.2)]),
        (0, "added", []),
    ]
    assert [s.commit.pull_request if s.commit else None for s in steps] == [12, 7, None]


@pytest.mark.parametrize(
    ("renamed", "changes"),
    [
        (Run(out="models/final.pkl"), ["moved", "added"]),
        (Run(stage="fit"), ["added"]),
        (Run(out="models/final.pkl", stage="fit"), ["moved", "added"]),
        (Run(out="models/final.pkl", model="z", script="t"), ["moved", "added"]),
    ],
    ids=["out", "stage", "both", "out and content"],
)
def test_a_history_goes_on_behind_a_rename(past: Past, renamed: Run, changes: list[str]) -> None:
    past.commit(Run())
    past.commit(renamed)
    steps = history_steps(past.ledger(), renamed.out)
    assert [step.change for step in steps] == changes
    assert steps[-1].path == MODEL


def test_what_was_removed_and_came_back_is_told_so(past: Past) -> None:
    past.commit(Run())
    past.repo.git("rm", "-q", "dvc.yaml", "dvc.lock")
    past.repo.git("commit", "-q", "-m", "Gone")
    past.commits.append(past.repo.git("rev-parse", "HEAD"))
    past.commit(Run(model="n"))
    steps = history_steps(past.ledger(), MODEL)
    assert [(past.number(s.commit), s.change) for s in steps] == [
        (2, "added"),
        (1, "removed"),
        (0, "added"),
    ]


def test_the_runs_in_force_at_the_end_have_the_points_of_their_commits(past: Past) -> None:
    past.commit(Run())
    past.commit(Run(data="b", prepared="q", model="n"))
    past.commit(Run(data="b", prepared="q", model="o", rate=0.3))
    past.commit(Run(data="b", prepared="q", model="o", rate=0.3, stage="fit"))
    last = past.ledger().last
    assert {stage: (point, record.stage) for stage, (point, record) in last.items()} == {
        "data/raw.csv.dvc": (1, "data/raw.csv.dvc"),
        "dvc.yaml:prepare": (1, "dvc.yaml:prepare"),
        "dvc.yaml:fit": (3, "dvc.yaml:fit"),
    }


def test_a_trace_names_each_source_and_since_when(past: Past) -> None:
    past.commit(Run())
    past.commit(Run(data="b", prepared="q", model="n"))
    past.commit(Run(data="b", prepared="q", model="o", rate=0.3))
    book = past.ledger()
    entry = book.at(MODEL, 2)
    assert entry is not None
    found = provenance(book, MODEL, entry)
    runs = [(run.stage, past.number(run.made)) for run in runs_behind(book, found, RecordedFiles())]
    assert runs == [("dvc.yaml:train", 2), ("dvc.yaml:prepare", 1)]
    inputs = [(i.kind, i.path, past.number(i.since), i.via) for i in inputs_behind(book, found)]
    assert inputs == [
        ("code", SCRIPT, 0, ("dvc.yaml:train",)),
        ("data", DATA, 1, ("dvc.yaml:prepare", "dvc.yaml:train")),
    ]
    (param,) = params_behind(book, found)
    assert (param.key, param.value, past.number(param.since)) == ("params.yaml:rate", 0.3, 2)


@pytest.mark.parametrize(
    ("again", "since"),
    [
        ([Run(script="t")], 1),
        ([Run(rate=0.2)], 1),
        ([Run(prepared="q")], 1),
        ([Run(script="t"), Run()], 2),
        ([Run(script="t"), Run(script="t", data="b")], 1),
        ([Run(stage="fit")], 0),
        ([Run(model="n"), Run()], 2),
    ],
    ids=["code", "param", "dep", "there and back", "above alone", "renamed", "other result"],
)
def test_a_run_that_makes_the_same_again_has_its_own_commit(
    past: Past, again: list[Run], since: int
) -> None:
    for run in (Run(), *again):
        past.commit(run)
    book = past.ledger()
    entry = book.at(MODEL, len(again))
    assert entry is not None
    made, *above = runs_behind(book, provenance(book, MODEL, entry), RecordedFiles())
    assert (made.stage, past.number(made.made)) == (f"dvc.yaml:{again[-1].stage}", since)
    deps = {dep.path: dep.version.hash for dep in made.deps if dep.version is not None}
    assert deps == {
        "prepared": f"md5:{md5(again[-1].prepared)}",
        SCRIPT: f"md5:{md5(again[-1].script)}",
    }
    assert [run.stage for run in above] == ["dvc.yaml:prepare"]


def test_a_version_is_followed_to_the_run_that_made_it_not_to_the_newest(past: Past) -> None:
    """`prepare` ran again, `train` did not: the model was made from the older data."""
    past.commit(Run())
    past.repo.write("dvc.yaml", pipeline(Run()))
    newer = lock(Run(data="b", prepared="q"))
    older = lock(Run())
    cut = "  train:\n"
    past.repo.write("dvc.lock", newer.partition(cut)[0] + cut + older.partition(cut)[2])
    past.repo.git("commit", "-qam", "Half a run")
    past.commits.append(past.repo.git("rev-parse", "HEAD"))
    book = past.ledger()
    assert find_impacted(book, [(MODEL, None)], of_hashes(frozenset({md5("b")}))) == ()
    (model,) = find_impacted(book, [(MODEL, None)], of_hashes(frozenset({md5("a")})))
    assert model.is_current


def test_impact_names_the_versions_and_since_when_a_model_is_clean(past: Past) -> None:
    past.commit(Run())
    past.commit(Run(data="b", prepared="q", model="n"))
    past.commit(Run(data="b", prepared="q", model="o", rate=0.3))
    past.commit(Run(data="c", prepared="r", model="p", rate=0.3))
    book = past.ledger()
    (model,) = find_impacted(book, [(MODEL, "churn")], of_hashes(frozenset({md5("b")})))
    versions = [(v.version.hash, past.number(v.first), past.number(v.last)) for v in model.versions]
    assert versions == [(f"md5:{md5('o')}", 2, 3), (f"md5:{md5('n')}", 1, 2)]
    assert (model.is_current, past.number(model.clean_since)) == (False, 3)
    assert {v.via for v in model.versions} == {("dvc.yaml:prepare", "dvc.yaml:train")}
    (every,) = find_impacted(book, [(MODEL, "churn")], of_paths((DATA,)))
    assert (len(every.versions), every.is_current, every.clean_since) == (4, True, None)
    assert find_impacted(book, [(MODEL, None)], of_paths(("data/other.csv",))) == ()


def test_each_version_has_the_stages_that_led_to_it(past: Past) -> None:
    past.commit(Run())
    past.commit(Run(model="n", stage="fit"))
    past.commit(Run(model="o", stage="fit", data="b", prepared="q"))
    past.commit(Run(model="p", stage="learn"))
    (model,) = find_impacted(past.ledger(), [(MODEL, None)], of_hashes(frozenset({md5("a")})))
    assert [(past.number(v.first), past.number(v.last), v.via) for v in model.versions] == [
        (3, None, ("dvc.yaml:prepare", "dvc.yaml:learn")),
        (1, 2, ("dvc.yaml:prepare", "dvc.yaml:fit")),
        (0, 1, ("dvc.yaml:prepare", "dvc.yaml:train")),
    ]


@pytest.mark.parametrize(
    ("runs", "answer", "number"),
    [
        ([Run(data="b")], "not-yet", None),
        ([Run(data="b", prepared="q", model="n")], "yes", 1),
        ([Run(data="b", prepared="q", model="n"), Run(data="c", prepared="r")], "yes", 1),
    ],
    ids=["not-yet", "at once", "since the first"],
)
def test_an_audit_says_which_models_were_made_again_from_mended_data(
    past: Past, runs: list[Run], answer: str, number: int | None
) -> None:
    past.commit(Run())
    for run in runs:
        past.commit(run)
    if answer == "not-yet":
        # The lock still tells of the run on the old data.
        past.repo.write("dvc.lock", lock(Run()))
        past.repo.git("commit", "-qam", "Not run")
        past.commits.append(past.repo.git("rev-parse", "HEAD"))
    (found,) = find_retrained(
        past.ledger(), [(MODEL, None)], of_paths((DATA,)), 1, frozenset({md5("a")})
    )
    assert (found.answer, past.number(found.commit)) == (answer, number)


def test_a_lock_that_cannot_be_read_is_told_and_passed_over(past: Past) -> None:
    past.commit(Run())
    past.repo.write("dvc.lock", "schema: '2.0'\nstages: [\n")
    past.repo.git("commit", "-qam", "Broken")
    past.commits.append(past.repo.git("rev-parse", "HEAD"))
    past.commit(Run(model="n", rate=0.5))
    book = past.ledger()
    assert [past.number(s.commit) for s in history_steps(book, MODEL)] == [2, 0]
    (broken,) = book.unreadable
    assert (past.commits.index(broken.commit), broken.file) == (1, "dvc.lock")


def test_what_a_cut_history_begins_with_is_not_told_as_its_beginning(
    past: Past, tmp_path: Path
) -> None:
    past.commit(Run())
    past.commit(Run(rate=0.2, model="n"))
    past.commit(Run(rate=0.3, model="o"))
    clone = f"{tmp_path}/shallow"
    past.repo.git("clone", "-q", "--depth=2", f"file://{past.repo.path}", clone)
    history = open_history(clone)
    book = ledger(history.timeline(history.repository.head())())
    assert not book.complete
    assert [past.number(step.commit) for step in history_steps(book, MODEL)] == [2, None]
