"""`undeclared-dependency`: a file that a stage uses and does not declare."""

from collections.abc import Iterator
from dataclasses import replace

from lineage_diff.judge.declared import declared_paths, is_declared, place, stages_that_use
from lineage_diff.judge.finding import Finding
from lineage_diff.judge.rule import Context, Example, Rule
from lineage_diff.judge.sample import TRAIN, context, lineage
from lineage_diff.judge.wording import code
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.uses import PathUse, Uses

NAME = "undeclared-dependency"
_SHOWN = 3


def _check(context: Context) -> Iterator[Finding]:
    before = {(place(stage), use.path) for stage, uses in _undeclared(context.base) for use in uses}
    seen: set[tuple[tuple[str, str], str]] = set()
    for stage, uses in _undeclared(context.head):
        # The siblings of a `foreach` share their line and their script: one finding tells them.
        fresh = [use for use in uses if (place(stage), use.path) not in seen]
        seen.update((place(stage), use.path) for use in fresh)
        new = [use for use in fresh if (place(stage), use.path) not in before]
        old = [use for use in fresh if (place(stage), use.path) in before]
        if new:
            yield _finding(stage, new, "warning")
        if old:
            yield _finding(stage, old, "info")


def _undeclared(lineage: Lineage) -> Iterator[tuple[Stage, list[PathUse]]]:
    for stage, uses in stages_that_use(lineage):
        declared = declared_paths(stage)
        found: dict[str, PathUse] = {}
        for use in (*uses.named, *uses.read, *uses.imported):
            if not is_declared(use.path, declared):
                found.setdefault(use.path, use)
        keyed = {param.file for param in uses.params}
        left = [use for use in found.values() if use.path not in keyed]
        if left:
            yield stage, left


def _finding(stage: Stage, uses: list[PathUse], severity: Severity) -> Finding:
    shown = ", ".join(_told(use, stage) for use in uses[:_SHOWN])
    more = f" and {len(uses) - _SHOWN} more" if len(uses) > _SHOWN else ""
    first = uses[0].path
    return Finding(
        NAME,
        severity,
        f"{stage.id}:{first}",
        f"{code(stage.group or stage.address)} uses {shown}{more}, and declares none of it"
        if len(uses) > 1
        else f"{code(stage.group or stage.address)} uses {shown}, and does not declare it",
        f"Add {code(first) if len(uses) == 1 else 'them'} to the deps of the stage; a folder in "
        "`deps` stands for all that it holds.",
        stage.file,
        stage.line,
    )


def _told(use: PathUse, stage: Stage) -> str:
    if use.script is None:
        return f"{code(use.path)} (in its command)"
    return f"{code(use.path)} ({use.script}:{use.line})"


_USES = Uses(imported=(PathUse("features.py", "train.py", 3),))

RULE = Rule(
    NAME,
    "warning",
    "a file that a stage uses and does not declare",
    "When the file changes, DVC does not run the stage again, and nothing tells that its results "
    "are out of date. Looked at are the paths in the command that Git or DVC tracks, the modules "
    "of the repository that a Python script imports, directly or through others, and the literal "
    "paths that it reads. Scripts are parsed, never run.",
    "Add the file, or the folder that holds it, to `deps`.",
    _check,
    Example(
        "`train.py` imports `features.py`; the deps of `train` name `train.py` alone.",
        context(head=lineage(TRAIN, uses={TRAIN.id: _USES})),
    ),
    Example(
        "The stage always runs (`always_changed: true`), whatever it declares.",
        context(head=lineage(replace(TRAIN, always_changed=True), uses={TRAIN.id: _USES})),
    ),
)
