"""`stale-model`: a model that was not made by the committed code, data and params."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change, ModelChange
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Reason
from lineage_diff.rules.examples import MODEL, TRAIN_CHANGE, context
from lineage_diff.rules.rule import FRESHNESS, Context, Example, Rule
from lineage_diff.rules.wording import Advised, WhyStale, code, dvc_file_hint, why_stale

NAME = "stale-model"


def _check(context: Context) -> Iterator[Finding]:
    stages = {stage.name: stage for stage in context.change.stages}
    declared = {stage.id: stage for stage in context.head.stages}
    advised = Advised(context.change)
    for model in context.change.models:
        if model.change == "removed" or model.freshness != "stale":
            continue
        stage = declared.get(model.stage or "")
        why = WhyStale(None, "it differs from what its stage or `.dvc` file recorded")
        if model.stage in stages:
            why = why_stale(stages[model.stage], stages)
        reason = why.reason
        yield Finding(
            NAME,
            "warning" if model.stale_before else "error",
            model.path,
            f"{code(model.path)} {_since(model)}: {why.text}",
            _hint(stage, advised),
            (reason.file if reason else None) or (stage.file if stage else model.pipeline),
            reason.line if reason and reason.file else (stage.line if stage else None),
            why.related,
        )


def _since(model: ModelChange) -> str:
    return "was stale before this change and still is" if model.stale_before else "is stale"


def _hint(stage: Stage | None, advised: Advised) -> str:
    if stage is None:
        return "Run `dvc repro` and commit what it writes."
    if stage.is_dvcfile:
        return dvc_file_hint(stage.address, bool(stage.cmd))
    return advised.hint(stage.id, stage.address)


_CODE = Reason("dep-changed", "train.py", "md5:" + "9b1d" * 8, "md5:" + "41c0" * 8)

RULE = Rule(
    name=NAME,
    severity="error",
    summary="a model that was not made by the committed code, data and params",
    why=(
        "The lock file records other inputs of the model than this commit has. After a merge the "
        "model cannot be reproduced, and its metrics are those of other code. A model that was "
        "stale before the change, and is stale at the tip of the base branch too, is a warning."
    ),
    hint="Run the `dvc repro` of the finding, and commit the lock file that it writes.",
    check=_check,
    fails=Example(
        "`train.py` was edited, `dvc.lock` was not.",
        context(
            Change(
                models=(replace(MODEL, freshness="stale", affected=True, stale_before=False),),
                stages=(replace(TRAIN_CHANGE, freshness="stale", reasons=(_CODE,)),),
            )
        ),
    ),
    passes=Example(
        "`train.py` was edited, `dvc repro` run, and `dvc.lock` committed with it.",
        context(Change(models=(MODEL,), stages=(TRAIN_CHANGE,))),
    ),
    runs=FRESHNESS,
    existing="warning",
    in_status="error",
)
