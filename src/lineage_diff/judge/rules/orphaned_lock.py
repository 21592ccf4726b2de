"""`orphaned-lock`: an entry of a lock file that no stage has."""

from collections.abc import Iterator

from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import LOCK, TRAIN, context, lineage
from lineage_diff.judge.wording import code
from lineage_diff.lineage.lineage import Pipeline

NAME = "orphaned-lock"


def _check(context: Context) -> Iterator[Finding]:
    before = {(item.file, name) for item in context.base.pipelines for name in item.orphans}
    # Where a part of a pipeline was not read, its stages only seem to be gone.
    broken = {problem.pipeline for problem in context.head.problems}
    for item in context.head.pipelines:
        if item.file in broken:
            continue
        for name in sorted(item.orphans):
            yield Finding(
                NAME,
                "info" if (item.file, name) in before else "warning",
                f"{item.lock_file}:{name}",
                f"the lock file has an entry {code(name)}, and {code(item.file)} no such stage",
                "Delete the entry: `dvc` never does so itself, nor ever reads it again.",
                item.lock_file,
                item.orphans[name].line,
            )


RULE = Rule(
    NAME,
    "warning",
    "an entry of a lock file that no stage has",
    "It is left behind when a stage is renamed or deleted. DVC says nothing of it, and readers "
    "take its hashes for results of the pipeline.",
    "Delete the entry from the lock file.",
    _check,
    Example(
        "`train_old` was renamed to `train` in `dvc.yaml`; `dvc.lock` holds both.",
        context(
            head=lineage(
                TRAIN,
                pipelines=(
                    Pipeline(
                        "dvc.yaml", (TRAIN.id,), "dvc.lock", "2.0", orphans={"train_old": LOCK}
                    ),
                ),
            )
        ),
    ),
    Example("`dvc.lock` holds `train` alone.", context()),
)
