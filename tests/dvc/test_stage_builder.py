"""A stage with its lock is the same stage, but for what the lock recorded."""

from msgspec.structs import fields, replace

from lineage_diff.dvc.pipeline.stage_builder import with_lock
from lineage_diff.lineage.stage import Dep, Import, LockEntry, Out, ParamDep, Stage
from lineage_diff.lineage.version import Hash, Version

VERSION = Version(Hash("md5", "a" * 32), 1)
OUT = Out(
    "out",
    "../out",
    True,
    None,
    "plots",
    False,
    True,
    False,
    "s3",
    "model",
    "why",
    ("a",),
    {"x": 1},
    "/r/out",
)
STAGE = Stage(
    "p/dvc.yaml:train",
    "train",
    "p/dvc.yaml",
    "p",
    "python train.py",
    (Dep("in", "../in", True, absolute="/r/in"), Dep("other", "../other")),
    (OUT, replace(OUT, path="two", declared="../two")),
    (ParamDep("params.yaml", "../params.yaml", ("lr",)), ParamDep("b.yaml", "../b.yaml", ())),
    None,
    True,
    True,
    "what",
    "train",
    Import("repo", "url"),
    7,
)
ENTRY = LockEntry("x", {"../in": VERSION}, {"../out": VERSION}, {"../params.yaml": {"lr": 1}}, 3)


def test_every_field_is_another_than_its_default() -> None:
    """Otherwise one that is forgotten would not be missed below."""
    for item in (STAGE, OUT):
        for field in fields(item):
            if field.name not in ("lock", "locked"):
                assert field.default != getattr(item, field.name), field.name


def test_only_what_the_lock_recorded_is_filled_in() -> None:
    (dep, other), (out, two), (param, whole) = STAGE.deps, STAGE.outs, STAGE.params
    assert with_lock(STAGE, ENTRY) == replace(
        STAGE,
        deps=(replace(dep, locked=VERSION), other),
        outs=(replace(out, locked=VERSION), two),
        params=(replace(param, locked={"lr": 1}), whole),
        lock=ENTRY,
    )
    assert with_lock(STAGE, None) is STAGE
