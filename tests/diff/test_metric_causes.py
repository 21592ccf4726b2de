"""What moved a metric: causes, nothing in the lineage, or what cannot be told."""

import pytest
from msgspec.structs import replace

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.diff.lineages import compare
from lineage_diff.lineage.evidence import NO_EVIDENCE, CommitState
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Out, ParamDep, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.change import MetricAttribution
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.lineages import edited, stage, state, tracked, version

FILE = "metrics.json"


def commit(score: float, *stages: Stage, code: int = 1, file: str = FILE) -> CommitState:
    made = state(*stages, code={"train.py": code, "evaluate.py": 1}, params={"lr": 1})
    return edited(made, metrics={file: ValuesFile(file, {"accuracy": score})})


def run(stage_: Stage, deps: int, outs: int) -> Stage:
    """A stage whose lock tells of these versions of its outs, and of its deps but for code."""
    return replace(
        stage_,
        deps=tuple(
            dep if dep.path.endswith(".py") else replace(dep, locked=version(deps))
            for dep in stage_.deps
        ),
        outs=tuple(replace(out, locked=version(outs)) for out in stage_.outs),
    )


TRAIN = stage("train", ("raw.csv", "train.py"), ("model.pkl",))
EVALUATE = replace(
    stage("evaluate", ("model.pkl", "evaluate.py"), (FILE,)),
    outs=(Out(FILE, FILE, locked=version(1), kind="metrics", cache=False),),
)
RAW = tracked("raw.csv", 1)
ALWAYS = replace(EVALUATE, always_changed=True)
KEEPS = replace(EVALUATE, outs=(replace(EVALUATE.outs[0], persist=True),))
TAKES = replace(EVALUATE, params=(ParamDep("params.yaml", "params.yaml", ("lr",), {"lr": 1}),))
UNREAD = replace(TAKES, params=(replace(TAKES.params[0], locked=None),))


def sides(before: Stage, after: Stage) -> tuple[CommitState, CommitState]:
    return commit(0.9, RAW, TRAIN, before), commit(0.8, RAW, TRAIN, after)


CASES: dict[str, tuple[tuple[CommitState, CommitState], str, str | None, tuple[str, ...]]] = {
    "new data": (
        (
            commit(0.9, RAW, TRAIN, EVALUATE),
            commit(0.8, tracked("raw.csv", 2), run(TRAIN, 1, 2), run(EVALUATE, 2, 2)),
        ),
        "caused",
        None,
        (),
    ),
    "the same inputs": (
        sides(EVALUATE, run(EVALUATE, 1, 2)),
        "unexplained",
        None,
        ("dvc.yaml:evaluate",),
    ),
    "the same inputs and params": (
        sides(TAKES, run(TAKES, 1, 2)),
        "unexplained",
        None,
        ("dvc.yaml:evaluate",),
    ),
    "params that no lock tells": (sides(UNREAD, run(UNREAD, 1, 2)), "unknown", "not-locked", ()),
    "a model trained anew on the same": (
        (
            commit(0.9, RAW, TRAIN, EVALUATE),
            commit(0.8, RAW, run(TRAIN, 1, 2), run(EVALUATE, 2, 2)),
        ),
        "unexplained",
        None,
        ("dvc.yaml:train",),
    ),
    "an edited file of metrics": (sides(EVALUATE, EVALUATE), "unknown", "not-recorded", ()),
    "never locked": (
        sides(replace(EVALUATE, lock=None), replace(run(EVALUATE, 1, 2), lock=None)),
        "unknown",
        "not-locked",
        (),
    ),
    "always run": (sides(ALWAYS, run(ALWAYS, 1, 2)), "unknown", "runs-always", ()),
    "goes on from its results": (sides(KEEPS, run(KEEPS, 1, 2)), "unknown", "keeps-results", ()),
    "no stage": (
        (commit(0.9, RAW, TRAIN), commit(0.8, RAW, TRAIN)),
        "unknown",
        "no-stage",
        (),
    ),
}


def moved(base: CommitState, head: CommitState) -> MetricAttribution:
    (move,) = compare(base, head, Policy()).metric_causes
    return move


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_moved_it(
    case: tuple[tuple[CommitState, CommitState], str, str | None, tuple[str, ...]],
) -> None:
    (base, head), by, why, roots = case
    move = moved(base, head)
    assert (move.explanation, move.reason, move.roots) == (by, why, roots)


def test_it_names_the_model_that_it_measures_and_the_share_that_is_known() -> None:
    (base, head), *_ = CASES["new data"]
    move = moved(base, head)
    assert (move.stage, move.models) == ("dvc.yaml:evaluate", ("model.pkl",))
    assert [(cause.kind, cause.subject) for cause in move.causes] == [("data", "raw.csv")]
    assert (move.inputs, move.known) == (3, 3)
    unlocked = replace(TRAIN, deps=tuple(replace(dep, locked=None) for dep in TRAIN.deps))
    stages = tuple(unlocked if s.id == TRAIN.id else s for s in head.lineage.stages)
    other = edited(head, stages=stages)
    partly = moved(base, replace(other, evidence=NO_EVIDENCE))
    assert (partly.inputs, partly.known) == (3, 2)


def test_a_new_metric_did_not_move() -> None:
    base, head = sides(EVALUATE, run(EVALUATE, 1, 2))
    assert compare(edited(base, metrics={}), head, Policy()).metric_causes == ()


@pytest.fixture(scope="module")
def by_chance(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(tmp_path_factory.mktemp("chance"), shell)
    repo.files(
        {
            "seed.txt": "0.91",
            "data.csv": "1\n2\n",
            "train.py": "open('model.pkl', 'w').write(open('seed.txt').read())\n",
            "evaluate.py": "open('metrics.json', 'w').write("
            "'{\"accuracy\": ' + open('model.pkl').read() + '}')\n",
            "dvc.yaml": "stages:\n"
            "  train:\n    cmd: python train.py\n    deps: [train.py, data.csv]\n"
            "    outs: [model.pkl]\n"
            "  evaluate:\n    cmd: python evaluate.py\n    deps: [evaluate.py, model.pkl]\n"
            "    metrics: [{metrics.json: {cache: false}}]\n",
        }
    )
    repo.repro("first")
    repo.edit("seed.txt", "0.91", "0.87")
    repo.dvc("repro", "-q", "-f", "train")
    repo.repro("the seed changed, which nothing declares")
    repo.edit("data.csv", "2", "3")
    repo.edit("seed.txt", "0.87", "0.95")
    repo.repro("new data")
    return repo


@pytest.mark.parametrize(
    ("base", "head", "rules"),
    [("HEAD~2", "HEAD~1", ["unexplained-metric"]), ("HEAD~1", "HEAD", [])],
)
def test_runs_of_the_real_dvc(by_chance: DvcRepo, base: str, head: str, rules: list[str]) -> None:
    report = compare_revisions(Request(by_chance.path, base, head, direct=True)).report
    assert report.metrics["metrics.json"]["accuracy"]
    found = [finding for finding in report.findings if finding.rule == "unexplained-metric"]
    assert [finding.rule for finding in found] == rules
    for finding in found:
        assert (finding.subject, finding.file) == ("metrics.json:accuracy", "dvc.yaml")
        assert "moved from 0.91 to 0.87" in finding.message
        assert "`train` ran the same command" in finding.message
