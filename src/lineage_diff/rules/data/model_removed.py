"""`model-removed`: a model that only the base has."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import MODEL, context
from lineage_diff.rules.locations import RemovedLocations
from lineage_diff.rules.rule import Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "model-removed"


def _check(context: Context) -> Iterator[Finding]:
    locations = RemovedLocations(context)
    for model in context.change.models:
        if model.change == "removed":
            yield Finding(
                NAME,
                "warning",
                model.path,
                f"no stage makes {code(model.path)} in this commit any more",
                "Make sure that it is no longer used, or restore its stage.",
                *locations.find(model.path, model.stage, model.pipeline or model.path),
            )


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a model that the base has and the head does not",
    why="Code that loads the model by its path or name breaks with the next pull.",
    hint="Make sure that it is no longer used, or restore its stage.",
    check=_check,
    fails=Example(
        "The stage `train` is gone from `dvc.yaml`.",
        context(Change(models=(replace(MODEL, change="removed", new=None),))),
    ),
    passes=Example(
        "`model.pkl` was renamed.",
        context(Change(models=(replace(MODEL, change="moved", renamed_from="old.pkl"),))),
    ),
)
