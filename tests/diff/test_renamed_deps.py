"""A dep whose content goes on under another path is one cause: renamed."""

import pytest

from lineage_diff.diff.lineages import compare
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.policy import Policy
from tests.support.lineages import stage, state, tracked

OLD, NEW, OTHER = "src/old.py", "src/new.py", "src/other.py"


def uses(*deps: str, code: dict[str, int]) -> CommitState:
    return state(stage("train", deps, ("model.pkl",)), code=code)


def data(path: str, number: int) -> CommitState:
    return state(tracked(path, number), stage("train", (path,), ("model.pkl",)))


CASES = {
    "a script": (
        uses(OLD, code={OLD: 1}),
        uses(NEW, code={NEW: 1}),
        [("code", NEW, "renamed", OLD, NEW)],
    ),
    "data of a .dvc file": (
        data("raw.csv", 1),
        data("data.csv", 1),
        [("data", "data.csv", "renamed", "raw.csv", "data.csv")],
    ),
    "one of two copies": (
        uses(OLD, OTHER, code={OLD: 1, OTHER: 1}),
        uses(NEW, code={NEW: 1}),
        [
            ("code", NEW, "renamed", OLD, NEW),
            ("structure", OTHER, "removed", None, None),
        ],
    ),
    "another content": (
        uses(OLD, code={OLD: 1}),
        uses(NEW, code={NEW: 2}),
        [
            ("structure", NEW, "added", None, None),
            ("structure", OLD, "removed", None, None),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_renamed_dep_is_one_cause(
    case: tuple[CommitState, CommitState, list[tuple[object, ...]]],
) -> None:
    base, head, expected = case
    (model,) = compare(base, head, Policy()).models
    found = [(c.kind, c.subject, c.change, c.old, c.new) for c in model.causes]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert model.affected
