"""`unlocked-stage`: a stage that never ran, or whose run nobody committed."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from lineage_diff.judge.covered import stale_for_a_model
from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import EVERYWHERE, Context, Example, Rule
from lineage_diff.judge.sample import TRAIN, context, lineage
from lineage_diff.judge.wording import code
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage

NAME = "unlocked-stage"


def _check(context: Context) -> Iterator[Finding]:
    covered = stale_for_a_model(context.change)
    unread = _unread(context.head)
    before = {stage.id for stage in context.base.stages if stage.lock is None}
    for stage in context.head.stages:
        if _is_unlocked(stage) and stage.id not in covered and stage.file not in unread:
            yield Finding(
                NAME,
                "info" if stage.id in before else "warning",
                stage.id,
                f"{code(stage.address)} has no entry in its lock file: it never ran, or nobody "
                "committed that it did",
                f"Run `dvc repro {shlex.quote(stage.address)}` and commit the lock file.",
                stage.file,
                stage.line,
            )


def _is_unlocked(stage: Stage) -> bool:
    needs_lock = stage.deps or stage.params or stage.outs
    return stage.lock is None and not stage.is_dvcfile and bool(needs_lock)


def _unread(lineage: Lineage) -> set[str]:
    """Return the pipelines whose lock file has a problem, so that no entry proves nothing."""
    broken = {problem.file for problem in lineage.problems}
    return {item.file for item in lineage.pipelines if item.lock_file in broken}


RULE = Rule(
    NAME,
    "warning",
    "a stage that has no entry in its lock file",
    "Nobody can tell what the stage makes, nor pull it. It may have run on one machine only. A "
    "stage that makes a model is told by `stale-model` and not again here.",
    "Run `dvc repro` for it, and commit the lock file.",
    _check,
    Example(
        "A stage `train` was added to `dvc.yaml`, without a run.",
        context(head=lineage(replace(TRAIN, id="dvc.yaml:tune", name="tune", lock=None))),
    ),
    Example("The entry of `train` in `dvc.lock` came with it.", context(head=lineage(TRAIN))),
    EVERYWHERE,
)
