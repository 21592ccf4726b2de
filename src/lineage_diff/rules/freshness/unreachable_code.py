"""`unreachable-code`: a stage that last ran on a script in an uncommitted version."""

import shlex
from collections.abc import Iterator

from lineage_diff.lineage.code_usage import UncommittedCode
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import FRESHNESS, Context, Example, Rule
from lineage_diff.rules.wording import code, repro_hint

NAME = "unreachable-code"
_HASH_SHOWN = 7


def _check(context: Context) -> Iterator[Finding]:
    if not context.head_facts.uncommitted:
        return
    stages = {stage.id: stage for stage in context.head.stages}
    pipelines = {pipeline.file: pipeline for pipeline in context.head.pipelines}
    locked = context.before(_locked_deps)
    for item in context.head_facts.uncommitted:
        stage = stages[item.stage]
        pipeline = pipelines.get(stage.file)
        digest = item.hash.rpartition(":")[2][:_HASH_SHOWN]
        yield Finding(
            NAME,
            "info" if (item.stage, item.path, item.hash) in locked else "warning",
            f"{item.stage}:{item.path}",
            f"{code(stage.address)} last ran on {code(item.path)} {code(digest)}, a version that "
            "is in no commit",
            f"Commit the code first, then run `dvc repro {shlex.quote(stage.address)}` and commit "
            "the lock file."
            if stage.outs
            else f"Commit the code first. {repro_hint(stage.address, False)}",
            pipeline.lock_file if pipeline and pipeline.lock_file else stage.file,
            stage.lock.line if stage.lock else None,
        )


def _locked_deps(lineage: Lineage) -> Iterator[tuple[str, str, str]]:
    for stage in lineage.stages:
        for dep in stage.deps:
            if dep.locked is not None:
                yield stage.id, dep.path, str(dep.locked.hash)


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a stage that last ran on a script in an uncommitted version",
    why=(
        "The code of the results was never committed, so it cannot be reviewed, and the results "
        "cannot be reproduced. All commits of all branches and tags of the clone are searched, for"
        " files of the same name in any folder. In a shallow clone the rule finds nothing. "
        "`lineage-diff lint` does not run it: a search of the whole history is too slow for a "
        "hook."
    ),
    hint="Commit the code, run the stage again, and commit the lock file.",
    check=_check,
    fails=Example(
        "`dvc.lock` has a version of `train.py` that was changed again before the commit.",
        context(
            facts=RuleFacts(
                uncommitted=(UncommittedCode(TRAIN.id, "train.py", "md5:" + "77aa" * 8),),
            )
        ),
    ),
    passes=Example("`dvc.lock` has the version of an older commit.", context()),
    runs=FRESHNESS,
    existing="info",
)
