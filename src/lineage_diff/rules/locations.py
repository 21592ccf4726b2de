"""Where a finding points when what it is about has no line of its own, or is gone."""

from lineage_diff.diff.line_numbers import line_of_key
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.stage import Stage
from lineage_diff.rules.rule import Context


def place_of_metric(context: Context, file: str, key: str | None) -> tuple[str, int]:
    """Return the file and line of a metric at the head.

    Its key, or what is left above it; else the stage that declares the file; else the file itself.
    """
    line = line_of_key(context.head_facts.value_lines, file, key or "")
    if line is not None:
        return file, line
    for stage in context.head.stages:
        paths = {out.path for out in stage.outs}
        if stage.line is not None and (file in paths or not paths.isdisjoint(ancestors(file))):
            return stage.file, stage.line
    return file, 1


def place_of_removed(context: Context, path: str, stage: str | None, file: str) -> tuple[str, int]:
    """Return where to look for a path that no stage makes any more.

    The stage that made it, where the head still has it; else the file that declared it, as a whole.
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
