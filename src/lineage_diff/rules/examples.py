"""The small pipeline of the rules' examples."""

from typing import Any

from msgspec.structs import replace

from lineage_diff.lineage.evidence import Evidence
from lineage_diff.lineage.lineage import Lineage, Pipeline, Problem
from lineage_diff.lineage.stage import Dep, LockEntry, Out, Stage
from lineage_diff.lineage.version import Content, Hash, Version
from lineage_diff.report.change import Change, ModelChange, Side, StageChange
from lineage_diff.rules.facts import NO_FACTS, RuleFacts
from lineage_diff.rules.rule import Context

CODE = Version(Hash("md5", "9b1d" * 8), 120)
WEIGHTS = Version(Hash("md5", "41c0" * 8), 5_000)
LOCK = LockEntry("python train.py", {"train.py": CODE}, {"model.pkl": WEIGHTS}, {}, 3)
TRAIN = Stage(
    id="dvc.yaml:train",
    name="train",
    file="dvc.yaml",
    wdir="",
    cmd="python train.py",
    deps=(Dep("train.py", "train.py", locked=CODE),),
    outs=(Out("model.pkl", "model.pkl", locked=WEIGHTS),),
    lock=LOCK,
    line=2,
)
MODEL = ModelChange(
    path="model.pkl",
    name=None,
    stage="dvc.yaml:train",
    pipeline="dvc.yaml",
    identified_by="convention",
    change="unchanged",
    freshness="fresh",
    affected=False,
    old=Side("md5:" + "41c0" * 8),
    new=Side("md5:" + "41c0" * 8),
)
EVIDENCE = Evidence(contents={"train.py": Content("0" * 40, "file", (CODE,))})
TRAIN_CHANGE = StageChange("dvc.yaml:train", "dvc.yaml", "unchanged", freshness="fresh")


def lineage(*stages: Stage, **parts: Any) -> Lineage:
    """Return a commit with the given stages in `dvc.yaml`."""
    made = Lineage(
        commit="0" * 40,
        pipelines=(Pipeline("dvc.yaml", tuple(stage.id for stage in stages), "dvc.lock", "2.0"),),
        stages=stages,
    )
    return replace(made, **parts)


def context(
    change: Change | None = None,
    head: Lineage | None = None,
    facts: RuleFacts = NO_FACTS,
    evidence: Evidence = EVIDENCE,
) -> Context:
    """Return a comparison with the fresh sample pipeline as base.

    The facts and the evidence are those of the head.
    """
    base = lineage(TRAIN)
    return Context(
        change or Change(),
        base,
        head or base,
        base_facts=RuleFacts(evidence=EVIDENCE),
        head_facts=replace(facts, evidence=evidence),
    )


def problem(rule: str, file: str, message: str) -> Problem:
    """Return a problem on line 4 of a file, as a reader reports it."""
    return Problem(rule, file, message, "Correct it.", 4, file)
