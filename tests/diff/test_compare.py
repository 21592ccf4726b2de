"""compare: what every comparison must hold, and one example of each kind of cause."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.diff.lineages import compare
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Import, ParamDep, Stage
from lineage_diff.report.change import Change
from lineage_diff.report.graph import Graph
from tests.support.lineages import edited, stage, state, states, tracked, version

POLICY = Policy()
OPPOSITE = {"added": "removed", "removed": "added"}
PARAMS = (ParamDep("params.yaml", "params.yaml", ("train",)),)


def affected(change: Change) -> set[str]:
    return {model.path for model in change.models if model.affected}


@given(states())
@settings(deadline=None, max_examples=60)
def test_nothing_differs_from_itself(one: CommitState) -> None:
    change = compare(one, one, POLICY)
    assert {model.change for model in change.models} <= {"unchanged"}
    assert {item.change for item in change.stages} <= {"unchanged"}
    assert not affected(change)
    assert (change.data, change.plots, change.graph) == ((), (), Graph())


@given(states(), states())
@settings(deadline=None, max_examples=100)
def test_both_directions_mirror_each_other(one: CommitState, two: CommitState) -> None:
    there, back = compare(one, two, POLICY), compare(two, one, POLICY)

    def models(change: Change) -> dict[str, tuple[object, ...]]:
        return {
            model.path: (model.change, model.old, model.new, model.affected)
            for model in change.models
            if model.change != "moved"
        }

    mirrored = {
        path: (OPPOSITE.get(str(what), what), new, old, reached)
        for path, (what, old, new, reached) in models(back).items()
    }
    if not any(model.change == "moved" for model in (*there.models, *back.models)):
        assert models(there) == mirrored
    assert sorted(OPPOSITE.get(d.change, d.change) for d in there.data) == sorted(
        d.change for d in back.data
    )


@given(states(), states(), st.randoms())
@settings(deadline=None, max_examples=60)
def test_the_order_of_the_input_does_not_matter(
    one: CommitState, two: CommitState, random: object
) -> None:
    def shuffled(item: CommitState) -> CommitState:
        stages = list(item.lineage.stages)
        random.shuffle(stages)  # type: ignore[attr-defined]
        return edited(item, stages=tuple(stages))

    assert compare(one, two, POLICY) == compare(shuffled(one), shuffled(two), POLICY)


@given(states(), states())
@settings(deadline=None, max_examples=100)
def test_more_changes_never_reach_fewer_models(one: CommitState, two: CommitState) -> None:
    before = affected(compare(one, two, POLICY))
    contents = {path: replace(item, oid="f" * 40) for path, item in two.evidence.contents.items()}
    changed = replace(two, evidence=replace(two.evidence, contents=contents))
    assert before <= affected(compare(one, changed, POLICY))


@given(states(), states())
@settings(deadline=None, max_examples=60)
def test_every_node_of_an_edge_is_drawn(one: CommitState, two: CommitState) -> None:
    graph = compare(one, two, POLICY).graph
    known = {node.id for node in graph.nodes}
    assert {end for edge in graph.edges for end in (edge["from"], edge["to"])} <= known


TRAIN = stage("train", ("features.csv", "src/train.py"), ("model.pkl",), params=PARAMS)
PREPARE = stage("prepare", ("raw.csv",), ("features.csv",))
RAW = tracked("raw.csv", 1)
BOUGHT = replace(RAW, imported=Import("repo", "https://example.org/r", "raw.csv", None, "a1"))
BASE = state(RAW, PREPARE, TRAIN, code={"src/train.py": 1}, params={"train": {"epochs": 1}})


def head(*stages: Stage, code: int = 1, epochs: int = 1) -> CommitState:
    return state(*stages, code={"src/train.py": code}, params={"train": {"epochs": epochs}})


CASES = {
    "data": (BASE, head(tracked("raw.csv", 2), PREPARE, TRAIN), "data", "raw.csv", 2),
    "code": (BASE, head(RAW, PREPARE, TRAIN, code=2), "code", "src/train.py", 1),
    "param": (BASE, head(RAW, PREPARE, TRAIN, epochs=2), "param", "params.yaml:train.epochs", 1),
    "command": (
        BASE,
        head(RAW, replace(PREPARE, cmd="other"), TRAIN),
        "command",
        "dvc.yaml:prepare",
        2,
    ),
    "import": (
        head(BOUGHT, PREPARE, TRAIN),
        head(
            replace(BOUGHT, imported=replace(BOUGHT.imported, rev_lock="b2")),  # type: ignore[type-var]
            PREPARE,
            TRAIN,
        ),
        "import",
        "raw.csv",
        2,
    ),
    "structure": (
        BASE,
        head(RAW, stage("prepare", ("raw.csv", "more.csv"), ("features.csv",)), TRAIN),
        "structure",
        "more.csv",
        2,
    ),
    "lock that catches up": (
        BASE,
        head(RAW, replace(PREPARE, deps=(replace(PREPARE.deps[0], locked=version(9)),)), TRAIN),
        "data",
        "raw.csv",
        2,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_cause_is_named_with_its_path(
    case: tuple[CommitState, CommitState, str, str, int],
) -> None:
    base, other, kind, subject, steps = case
    (model,) = compare(base, other, POLICY, {"raw.csv.dvc": ("c2", "c1")}).models
    (cause,) = model.causes
    assert (model.change, model.affected) == ("unchanged", True)
    assert (cause.kind, cause.subject) == (kind, subject)
    assert cause.via == ("dvc.yaml:prepare", "dvc.yaml:train")[-steps:]
    assert cause.commits == (("c2", "c1") if subject == "raw.csv" else ())


def test_a_moved_model_and_a_renamed_stage() -> None:
    fit = replace(TRAIN, id="dvc.yaml:fit", name="fit")
    change = compare(BASE, head(RAW, PREPARE, fit), POLICY)
    assert [(s.name, s.change, s.renamed_from) for s in change.stages] == [
        ("dvc.yaml:fit", "renamed", "dvc.yaml:train"),
        ("dvc.yaml:prepare", "unchanged", None),
    ]
    elsewhere = replace(TRAIN, outs=(replace(TRAIN.outs[0], path="models/model.pkl"),))
    unique = replace(elsewhere.outs[0], locked=version(77))
    before = replace(TRAIN, outs=(replace(TRAIN.outs[0], locked=version(77)),))
    moved = compare(
        head(RAW, PREPARE, before),
        head(RAW, PREPARE, replace(elsewhere, outs=(unique,))),
        POLICY,
    )
    assert [(m.path, m.change, m.renamed_from) for m in moved.models] == [
        ("models/model.pkl", "moved", "model.pkl")
    ]
    assert [(d.path, d.change, d.renamed_from) for d in moved.data] == [
        ("models/model.pkl", "renamed", "model.pkl")
    ]


def test_a_retrained_model_without_a_cause_has_none() -> None:
    again = replace(TRAIN, outs=(replace(TRAIN.outs[0], locked=version(5)),))
    (model,) = compare(BASE, head(RAW, PREPARE, again), POLICY).models
    assert (model.change, model.affected, model.causes) == ("retrained", True, ())
    assert (model.old.size, model.new.size) == (1, 5)  # type: ignore[union-attr]


def test_ignored_paths_are_left_out() -> None:
    change = compare(BASE, head(tracked("raw.csv", 2), PREPARE, TRAIN), Policy(ignore=("raw.csv",)))
    assert change.data == ()
    assert affected(change) == set()
