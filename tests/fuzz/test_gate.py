"""A few random pull requests, judged by the real DVC; `make gate` judges thousands."""

from collections.abc import Iterator

import pytest

from fuzz.pull_request import verdict
from fuzz.pull_request.cases import EDITS, FORMS, Case, Made, draw
from fuzz.pull_request.verdict import Bench, judge, shrunk
from tests.support.dvc_repo import DvcShell

EDIT = Made("edit-input", 1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("gate"), shell)
    yield bench
    bench.close()


@pytest.mark.parametrize(
    ("form", "edits", "moves", "outcome"),
    [
        ("plain", (EDIT,), (), "red, run"),
        ("octopus", (EDIT, Made("docs", 2), Made("edit-param", 8)), (), "red, run"),
        ("criss-cross", (Made("docs", 1), EDIT), (Made("docs", 0),), "red, run"),
        ("middle", (Made("drop-locked-dep", 174),), (Made("dvcignore", 521),), "red, run"),
        ("plain", (Made("reorder", 1), Made("comment", 1), Made("docs", 3)), (), "green, run"),
        ("moved", (EDIT, Made("run-all", 1)), (Made("docs", 0),), "green, run"),
    ],
)
def test_dvc_says_the_same(
    bench: Bench, form: str, edits: tuple[Made, ...], moves: tuple[Made, ...], outcome: str
) -> None:
    found = judge(Case("artifacts", form, edits, moves, sparse=form == "octopus"), bench)
    assert (found.outcome, found.differences) == (outcome, ())


def test_a_gate_that_lets_all_pass_is_noticed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "run_json", lambda *_: (0, {}))
    hidden = Case("in-git", "plain", (Made("git-for-stage", 2), EDIT))
    for case, model in ((Case("artifacts", "plain", (EDIT,)), "out.dat"), (hidden, "model.pkl")):
        (first, *_) = judge(case, bench, rerun=False).differences
        assert first.startswith(f"green where DVC is red: {model}: ")


def test_and_so_is_one_that_no_run_clears(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = {"rule": "stale-model", "subject": "out.dat", "message": "x", "severity": "error"}
    monkeypatch.setattr(verdict, "run_json", lambda *_: (1, {"findings": [finding]}))
    found = judge(Case("artifacts", "plain", (Made("docs", 1),)), bench)
    kinds = {text.partition(":")[0] for text in found.differences}
    assert kinds == {"harmless", "red after a forced run"}


def test_a_case_is_the_same_each_time() -> None:
    drawn = [draw(1, number) for number in range(2000)]
    assert drawn == [draw(1, number) for number in range(2000)]
    assert {case.form for case in drawn} == {"plain", *FORMS}
    assert {made.name for case in drawn for made in case.edits} == set(EDITS)


def test_what_differs_is_shrunk_to_the_least() -> None:
    case = Case("chain", "moved", (Made("docs", 1), EDIT, Made("docs", 2)), (Made("docs", 3),))
    assert shrunk(case, lambda each: EDIT in each.edits) == Case("chain", "plain", (EDIT,))
