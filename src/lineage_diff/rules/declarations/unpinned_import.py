"""`unpinned-import`: an import that does not record its version."""

import shlex
from collections.abc import Iterator

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Import, Out, Stage
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import WEIGHTS, context, lineage
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "unpinned-import"


def _check(context: Context) -> Iterator[Finding]:
    before = context.before(lambda side: (stage.id for stage in _unpinned_imports(side)))
    for stage in _unpinned_imports(context.head):
        imported = stage.imported
        is_repo = imported is not None and imported.kind == "repo"
        missing = "the commit (`rev_lock`)" if is_repo else "a hash"
        yield Finding(
            NAME,
            "info" if stage.id in before else "warning",
            stage.id,
            f"{code(stage.file)} imports {code(imported.source if imported else '')} and does not "
            f"record {missing}",
            f"Run `dvc update {shlex.quote(stage.file)}` and commit the file.",
            stage.file,
            stage.line,
        )


def _unpinned_imports(lineage: Lineage) -> Iterator[Stage]:
    for stage in lineage.stages:
        imported = stage.imported
        if imported is None or imported.kind in ("db", "dataset"):
            continue
        locked = (imported.locked, *(out.locked for out in stage.outs))
        has_hash = any(version is not None and version.hash is not None for version in locked)
        if not (imported.rev_lock if imported.kind == "repo" else has_hash):
            yield stage


def _import(rev_lock: str | None) -> Stage:
    source = Import("repo", "https://example.com/data", "raw.csv", rev_lock=rev_lock)
    outs = (Out("raw.csv", "raw.csv", locked=WEIGHTS),)
    return Stage("raw.csv.dvc", None, "raw.csv.dvc", "", outs=outs, imported=source, line=1)


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="an import that does not record its version",
    why=(
        "Without the commit or hash the imported version is unknown, and the next `dvc repro` may "
        "import another one unnoticed."
    ),
    hint="Run `dvc update` for the file, and commit it.",
    check=_check,
    fails=Example(
        "`raw.csv.dvc` has a `repo` with `url` and no `rev_lock`.",
        context(head=lineage(_import(None))),
    ),
    passes=Example("`rev_lock` names a commit.", context(head=lineage(_import("41c0" * 10)))),
    runs=ONE_COMMIT,
    existing="info",
    by_comment=False,
)
