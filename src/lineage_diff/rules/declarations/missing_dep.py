"""`missing-dep`: a dependency that neither Git nor DVC tracks."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.graph import ancestors, build_graph, inside
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Dep, Stage
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.wording import code

NAME = "missing-dep"


def _check(context: Context) -> Iterator[Finding]:
    head = context.head
    # A stage that was not read may make the seemingly missing dep.
    if head.unreadable or any(problem.pipeline for problem in head.problems):
        return
    missing = list(_missing(head, context.head_facts))
    before = context.before_by_facts(_without_content) if missing else frozenset()
    for stage, path in missing:
        yield Finding(
            NAME,
            "info" if (stage.id, path) in before else "warning",
            f"{stage.id}:{path}",
            f"{code(stage.address)} depends on {code(path)}, which neither Git nor DVC tracks in "
            "this commit",
            f"Commit it or `dvc add` it; or remove it from the deps of {code(stage.address)}.",
            stage.file,
            stage.line,
        )


def _missing(head: Lineage, facts: RuleFacts) -> Iterator[tuple[Stage, str]]:
    """Yield the stages with their deps that nothing tracks."""
    contents, producers = facts.evidence.contents, build_graph(head.stages).producers
    made: list[str] = []
    for stage in head.stages:
        if stage.is_dvcfile or stage.frozen:
            continue
        for dep in stage.deps:
            path = dep.path
            if path in contents or path in producers or dep.external or dep.target is not None:
                continue
            made = made or sorted(producers)
            around = any(above in producers for above in ancestors(path))
            if not around and not inside(made, path):
                yield stage, path


def _without_content(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[str, str]]:
    for stage in lineage.stages:
        for dep in stage.deps:
            if dep.path not in facts.evidence.contents:
                yield stage.id, dep.path


RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a dependency that neither Git nor DVC tracks",
    why=(
        "The stage runs only on machines that happen to have the file: `dvc repro` in a clone "
        "stops with a missing dependency, and no commit has the input of the stage."
    ),
    hint="Commit the file, or `dvc add` it, or remove it from `deps`.",
    check=_check,
    fails=Example(
        "`train` depends on `notes.txt`, which `.gitignore` excludes.",
        context(head=lineage(replace(TRAIN, deps=(*TRAIN.deps, Dep("notes.txt", "notes.txt"))))),
    ),
    passes=Example("`notes.txt` is committed, or not a dependency.", context()),
    runs=ONE_COMMIT,
    existing="info",
)
