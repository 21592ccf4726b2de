"""Find the location of a finding whose subject has no line of its own, or was removed."""

from lineage_diff.diff.line_numbers import line_of_key
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.stage import Stage
from lineage_diff.rules.rule import Context


def location_of_metric(context: Context, file: str, key: str | None) -> tuple[str, int]:
    """Return the file and line of a metric at the head.

    The line of its key or nearest parent; else the stage that declares the file; else line 1.
    """
    line = line_of_key(context.head_facts.value_lines, file, key or "")
    if line is not None:
        return file, line
    for stage in context.head.stages:
        paths = {out.path for out in stage.outs}
        if stage.line is not None and (file in paths or not paths.isdisjoint(ancestors(file))):
            return stage.file, stage.line
    return file, 1


def location_of_removed(
    context: Context, path: str, stage: str | None, file: str
) -> tuple[str, int]:
    """Return the file and line for a path that no stage makes any more.

    The stage that made it, if the head still has it; else line 1 of the file that declared it.
    """
    makers = [stage] if stage is not None else []
    makers += [made.id for made in context.base.stages if _makes(made, path)]
    head = {made.id: made for made in context.head.stages}
    for maker in makers:
        if maker in head:
            return head[maker].file, head[maker].line or 1
    return next((made.file for made in context.base.stages if _makes(made, path)), file), 1


def _makes(stage: Stage, path: str) -> bool:
    return any(out.path == path for out in stage.outs)
