"""`undeclared-dependency`: a file that a stage uses and does not declare."""

from collections.abc import Iterator

from msgspec.structs import replace

from lineage_diff.lineage.code_usage import PathUse, Uses
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Severity
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.stages import declared_paths, is_declared, place, stages_that_use
from lineage_diff.rules.wording import code
from lineage_diff.text import join_some

NAME = "undeclared-dependency"
_SHOWN = 3
_Use = tuple[Stage, list[PathUse]]


def _check(context: Context) -> Iterator[Finding]:
    before = context.before_by_facts(_places)
    suppressed = {
        (comment.file, comment.line)
        for comment in context.head_facts.ignore_comments
        if NAME in comment.rules
    }
    seen: set[tuple[tuple[str, str], str]] = set()
    # One finding for all stages of a pipeline that omit the same files.
    groups: dict[tuple[str, Severity, int | None, tuple[str, ...]], list[_Use]] = {}
    for stage, uses in _undeclared_uses(context.head, context.head_facts):
        fresh = [use for use in uses if (place(stage), use.path) not in seen]
        seen.update((place(stage), use.path) for use in fresh)
        alone = stage.line if (stage.file, stage.line) in suppressed else None
        new = [use for use in fresh if (place(stage), use.path) not in before]
        old = [use for use in fresh if (place(stage), use.path) in before]
        parts: tuple[tuple[Severity, list[PathUse]], ...] = (("warning", new), ("info", old))
        for severity, part in parts:
            if part:
                paths = tuple(use.path for use in part)
                groups.setdefault((stage.file, severity, alone, paths), []).append((stage, part))
    for (_, severity, _, _), group in groups.items():
        yield _finding(min(group, key=lambda item: item[0].line or 0), len(group), severity)


def _places(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[tuple[str, str], str]]:
    for stage, uses in _undeclared_uses(lineage, facts):
        yield from ((place(stage), use.path) for use in uses)


def _undeclared_uses(lineage: Lineage, facts: RuleFacts) -> Iterator[_Use]:
    for stage, uses in stages_that_use(lineage, facts):
        declared = declared_paths(stage)
        found: dict[str, PathUse] = {}
        for use in (*uses.named, *uses.read, *uses.imported):
            if not is_declared(use.path, declared):
                found.setdefault(use.path, use)
        keyed = {param.file for param in uses.params}
        left = [use for use in found.values() if use.path not in keyed]
        if left:
            yield stage, left


def _finding(first: _Use, count: int, severity: Severity) -> Finding:
    stage, uses = first
    uses = sorted(uses, key=lambda use: (use.path.endswith("__init__.py"), use.script is not None))
    shown = join_some([_use_text(use) for use in uses], _SHOWN)
    others = f" (and {count - 1} more in this file)" if count > 1 else ""
    what = "and does not declare it" if len(uses) == 1 else "and declares none of it"
    path = uses[0].path
    return Finding(
        NAME,
        severity,
        f"{stage.id}:{path}",
        f"{code(stage.group or stage.address)}{others} uses {shown}, {what}",
        f"Add {code(path) if len(uses) == 1 else 'them'} to the deps of the stage, or to its outs "
        "where it writes there; a folder stands for all that it holds.",
        stage.file,
        stage.line,
    )


def _use_text(use: PathUse) -> str:
    if use.script is None:
        return f"{code(use.path)} (in its command)"
    return f"{code(use.path)} ({code(f'{use.script}:{use.line}')})"


_FACTS = RuleFacts(uses={TRAIN.id: Uses(imported=(PathUse("features.py", "train.py", 3),))})

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a file that a stage uses and does not declare",
    why=(
        "When the file changes, DVC does not run the stage again, and its outdated results go "
        "unnoticed. The rule checks tracked paths in the command, modules of the repository that a"
        " Python script imports, directly or through others, and literal paths that the script "
        "reads. Scripts are parsed, never run."
    ),
    hint="Add the file, or the folder that holds it, to `deps`; to `outs` if the stage writes it.",
    check=_check,
    fails=Example(
        "`train.py` imports `features.py`; the deps of `train` name `train.py` alone.",
        context(facts=_FACTS),
    ),
    passes=Example(
        "The stage always runs (`always_changed: true`), whatever it declares.",
        context(head=lineage(replace(TRAIN, always_changed=True)), facts=_FACTS),
    ),
    runs=ONE_COMMIT,
    existing="info",
)
