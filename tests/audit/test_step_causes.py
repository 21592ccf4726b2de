"""Causes through pipelines of hard shapes: very deep, with very many ways, and in a circle."""

from collections.abc import Mapping
from functools import partial

import pytest

from lineage_diff.audit.history import history_steps
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.audit.upstream import SKIPPED, used_by
from lineage_diff.lineage.history import CommitInfo, Point, Record, Run, Timeline
from lineage_diff.lineage.version import Hash, Version

DEEP = 3_000
LAYERS = 60


def past(deps: Mapping[str, tuple[str, ...]]) -> Ledger:
    """Return two runs of stages that make the paths of a mapping, each from the paths it names."""

    def version(path: str, run: int) -> Version:
        return Version(Hash("md5", f"{path} {run}"))

    def point(run: int) -> Point:
        records = tuple(
            Record(
                f"make {out}",
                "dvc.yaml",
                (out,),
                partial(
                    Run,
                    "run",
                    {path: version(path, run) for path in made_from},
                    {out: version(out, run)},
                ),
            )
            for out, made_from in deps.items()
        )
        return Point(CommitInfo(str(run) * 40, "A", "2026-01-01", "run"), new=records)

    return ledger(Timeline((point(1), point(2)), complete=True))


CHAIN = {f"{number}": (f"{number - 1}",) for number in range(1, DEEP)} | {"model": (f"{DEEP - 1}",)}
LATTICE = {
    f"{layer}{side}": (f"{layer - 1}a", f"{layer - 1}b")
    for layer in range(1, LAYERS)
    for side in "ab"
} | {"model": (f"{LAYERS - 1}a", f"{LAYERS - 1}b")}
CIRCLE = {"a": ("b",), "b": ("a",), "model": ("a",)}


@pytest.mark.parametrize(
    ("deps", "subjects"),
    [
        (CHAIN, ["0"]),
        (LATTICE, ["0a", "0b"]),
        (CIRCLE, ["a"]),
        ({"model": ("x",), "x": ()}, ["x"]),
        ({"model": ("o/a/x",), "o": ("raw",)}, ["raw"]),
        ({"model": ("o/x",), "o": ("a/y",), "a": ("raw",)}, ["raw"]),
    ],
    ids=["chain", "lattice", "circle", "made from nothing", "in a folder", "in two folders"],
)
def test_the_cause_is_what_nothing_upstream_explains(
    deps: dict[str, tuple[str, ...]], subjects: list[str]
) -> None:
    step, first = history_steps(past(deps), "model")
    assert first.change == "added"
    assert [cause.subject for cause in step.causes] == subjects


def test_the_middle_of_a_very_long_route_is_left_out() -> None:
    (step, _) = history_steps(past(CHAIN), "model")
    via = step.causes[0].via
    assert (via[0], via.count(SKIPPED), via[-1]) == ("make 1", 1, "make model")
    assert len(via) < DEEP


@pytest.mark.parametrize("deps", [CHAIN, LATTICE, CIRCLE], ids=["chain", "lattice", "circle"])
def test_each_version_behind_a_model_is_told_once(deps: dict[str, tuple[str, ...]]) -> None:
    made = past(deps)
    used = [one.path for one in used_by(made, made.entries["model"][-1])]
    assert sorted(used) == sorted({path for paths in deps.values() for path in paths})
