"""`model-without-lineage`: a model that a bare `.dvc` file tracks."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import MODEL, context, lineage
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "model-without-lineage"


def _check(context: Context) -> Iterator[Finding]:
    stages = {stage.id: stage for stage in context.head.stages}
    for model in context.change.models:
        stage = stages.get(model.stage or "")
        if model.change == "removed" or stage is None:
            continue
        if stage.is_dvcfile and stage.imported is None and not stage.cmd:
            yield Finding(
                NAME,
                "info",
                model.path,
                f"{code(model.path)} was added by hand: no stage records its inputs",
                "Make it by a stage of `dvc.yaml`, so that its data, code and params are known.",
                stage.file,
                stage.line,
            )


_ADDED = Stage("model.pkl.dvc", None, "model.pkl.dvc", "", outs=(Out("model.pkl", "model.pkl"),))

RULE = Rule(
    name=NAME,
    severity="info",
    summary="a model that a bare `.dvc` file tracks, with no stage behind it",
    why=(
        "The inputs of the model are unknown, and so is whether it is up to date. An imported "
        "model has its lineage in the repository that it comes from."
    ),
    hint="Make the model by a stage of `dvc.yaml`.",
    check=_check,
    fails=Example(
        "`dvc add model.pkl`.",
        context(
            Change(models=(replace(MODEL, stage="model.pkl.dvc", pipeline="model.pkl.dvc"),)),
            lineage(_ADDED),
        ),
    ),
    passes=Example("`model.pkl` is an output of `train`.", context(Change(models=(MODEL,)))),
    runs=ONE_COMMIT,
    by_comment=False,
)
