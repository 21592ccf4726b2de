"""`undeclared-param`: a key that a stage's script reads from a params file undeclared."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lineage_diff.lineage.code_usage import ParamUse, Uses
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import ParamDep, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, context, lineage
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import ONE_COMMIT, Context, Example, Rule
from lineage_diff.rules.stages import place, stages_that_use
from lineage_diff.rules.wording import code

NAME = "undeclared-param"


def _check(context: Context) -> Iterator[Finding]:
    before = context.before_by_facts(_places)
    seen: set[tuple[tuple[str, str], str, str]] = set()
    for stage, uses in _undeclared_keys(context.head, context.head_facts):
        for use in uses:
            key = place(stage), use.file, use.key
            if key in seen:
                continue
            seen.add(key)
            yield Finding(
                NAME,
                "info" if key in before else "warning",
                f"{stage.id}:{use.file}:{use.key}",
                f"{code(stage.group or stage.address)} takes {code(use.key)} from "
                f"{code(use.file)} ({code(f'{use.script}:{use.line}')}), and does not declare it",
                f"Add {code(use.key)} to the `params` of the stage.",
                stage.file,
                stage.line,
            )


def _places(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[tuple[str, str], str, str]]:
    for stage, uses in _undeclared_keys(lineage, facts):
        yield from ((place(stage), use.file, use.key) for use in uses)


def _undeclared_keys(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[Stage, list[ParamUse]]]:
    for stage, uses in stages_that_use(lineage, facts):
        whole = {dep.path for dep in stage.deps}
        whole |= {param.path for param in stage.params if not param.keys}
        keys = {(param.path, key) for param in stage.params for key in param.keys}
        found = [
            use
            for use in uses.params
            if use.file not in whole
            and not any(above in whole for above in ancestors(use.file))
            and not any(use.file == file and _meets(use.key, key) for file, key in keys)
            and _has(lineage.params.get(use.file), use.key)
        ]
        if found:
            yield stage, found


def _meets(used: str, declared: str) -> bool:
    """Whether a declared key equals the used one, contains it, or is part of it."""
    return used == declared or used.startswith(declared + ".") or declared.startswith(used + ".")


def _has(file: ValuesFile | None, key: str) -> bool:
    """Whether the file surely has the key: a default value in a script is no param."""
    values = file.values if file is not None else None
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            return False
        values = values[part]
    return True


_FACTS = RuleFacts(
    uses={TRAIN.id: Uses(params=(ParamUse("params.yaml", "train.epochs", "train.py", 3),))}
)
_PARAMS = {"params.yaml": ValuesFile("params.yaml", {"train": {"epochs": 10}})}
_DECLARED = replace(TRAIN, params=(ParamDep("params.yaml", "params.yaml", ("train",)),))

RULE = Rule(
    name=NAME,
    severity="warning",
    summary="a key that a stage's script reads from a params file and the stage does not declare",
    why=(
        "When the value changes, DVC does not run the stage again, and no report names it as a "
        "cause. The rule checks the Python scripts that the command runs for literal keys read "
        "from a file that they open by name, or from `dvc.api.params_show()`."
    ),
    hint="Add the key, or the section that holds it, to `params`.",
    check=_check,
    fails=Example(
        '`train.py` reads `params["train"]["epochs"]`; the stage has no `params`.',
        context(head=lineage(TRAIN, params=_PARAMS), facts=_FACTS),
    ),
    passes=Example(
        "The stage has `train` in `params`.",
        context(head=lineage(_DECLARED, params=_PARAMS), facts=_FACTS),
    ),
    runs=ONE_COMMIT,
    existing="info",
)
