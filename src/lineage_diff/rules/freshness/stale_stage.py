"""`stale-stage`: a stage whose last run had other inputs, and that makes no stale model."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Reason
from lineage_diff.rules.examples import MODEL, TRAIN_CHANGE, context
from lineage_diff.rules.rule import FRESHNESS, Context, Example, Rule
from lineage_diff.rules.stages import Outdated, stale_for_a_model
from lineage_diff.rules.wording import (
    Advised,
    code,
    dvc_file_hint,
    own_reasons,
    repro_hint,
    short_id,
    why_stale,
)

NAME = "stale-stage"


def _check(context: Context) -> Iterator[Finding]:
    stages = {stage.name: stage for stage in context.change.stages}
    declared = {stage.id: stage for stage in context.head.stages}
    covered = stale_for_a_model(context.change)
    outdated = Outdated(context.change)
    advised = Advised(context.change)
    for stage in context.change.stages:
        own = own_reasons(stage)
        if stage.change == "removed" or stage.freshness != "stale" or stage.name in covered:
            continue
        # One finding for a stage and all that it outdates; `unlocked-stage` reports the others.
        if not own or all(reason.kind == "never-run" for reason in own):
            continue
        why = why_stale(stage, stages)
        reason = why.reason
        more, all_counted = outdated.count(stage.name)
        least = "" if all_counted else "at least "
        outdates = f"; it outdates {least}{more} more" if more else ""
        since = "was stale before this change and still is" if stage.stale_before else "is stale"
        head = declared.get(stage.name)
        yield Finding(
            NAME,
            "info" if stage.stale_before else "warning",
            stage.name,
            f"{code(short_id(stage.name))} {since}: {why.text}{outdates}",
            _hint(stage.name, head, advised),
            (reason.file if reason else None) or stage.pipeline,
            reason.line if reason else None,
            why.related,
        )


def _hint(name: str, stage: Stage | None, advised: Advised) -> str:
    if stage is None:
        return repro_hint(name)
    if stage.is_dvcfile:
        return dvc_file_hint(stage.address, bool(stage.cmd))
    return advised.hint(stage.id, stage.address, bool(stage.outs))


_PARAM = Reason("param-changed", "params.yaml:epochs", 20, 10, file="params.yaml")
_STALE = replace(TRAIN_CHANGE, freshness="stale", reasons=(_PARAM,), stale_before=False)

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a stage that did not run on the inputs of this commit",
    why=(
        "Its results in the lock file are those of other code, data or params. A stage that makes "
        "a model stale is reported by `stale-model` only. A stage that was stale before the "
        "change, and is stale at the tip of the base branch too, is only an info."
    ),
    hint="Run the `dvc repro` of the finding, and commit the lock file that it writes.",
    check=_check,
    fails=Example(
        "`epochs` in `params.yaml` was raised, and `dvc.lock` was not updated.",
        context(Change(stages=(_STALE,))),
    ),
    passes=Example(
        "The stale stage makes a model, which `stale-model` reports.",
        context(Change(models=(replace(MODEL, freshness="stale"),), stages=(_STALE,))),
    ),
    runs=FRESHNESS,
    existing="info",
    in_status="error",
)
