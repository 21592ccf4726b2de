"""`orphaned-lock`: an entry of a lock file without a stage."""

from collections.abc import Iterator

from lineage_diff.lineage.lineage import Lineage, Pipeline
from lineage_diff.lineage.policy import Severity
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import LOCK, TRAIN, context, lineage
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.wording import code
from lineage_diff.text import join_some

NAME = "orphaned-lock"
_SHOWN = 5


def _check(context: Context) -> Iterator[Finding]:
    before = context.before(_orphans)
    # If part of a pipeline was not read, its stages only seem to be missing.
    broken = {problem.pipeline for problem in context.head.problems}
    for item in context.head.pipelines:
        new = [name for name in sorted(item.orphans) if (item.file, name) not in before]
        old = [name for name in sorted(item.orphans) if (item.file, name) in before]
        if item.file in broken:
            continue
        if new:
            yield _finding(item, new, "warning")
        if old:
            yield _finding(item, old, "info")


def _orphans(lineage: Lineage) -> Iterator[tuple[str, str]]:
    for item in lineage.pipelines:
        yield from ((item.file, name) for name in item.orphans)


def _finding(item: Pipeline, names: list[str], severity: Severity) -> Finding:
    """Report all entries of a lock file together: a renamed group can leave hundreds."""
    shown = join_some([code(name) for name in names], _SHOWN)
    return Finding(
        NAME,
        severity,
        f"{item.lock_file}:{names[0]}",
        f"the lock file has entries without a stage in {code(item.file)}: {shown}",
        "Delete them: `dvc` does not do so itself.",
        item.lock_file,
        item.orphans[names[0]].line,
    )


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="an entry of a lock file without a stage",
    why=(
        "It remains after a stage is renamed or deleted. DVC does not report it, and readers "
        "mistake its hashes for results of the pipeline."
    ),
    hint="Delete the entry from the lock file.",
    check=_check,
    fails=Example(
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
    passes=Example("`dvc.lock` holds `train` alone.", context()),
    runs=ONE_COMMIT,
    existing="info",
    by_comment=False,
)
