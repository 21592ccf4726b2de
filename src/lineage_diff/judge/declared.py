"""What a stage declares, to hold what it uses against it."""

from collections.abc import Iterator

from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.uses import Uses


def stages_that_use(lineage: Lineage) -> Iterator[tuple[Stage, Uses]]:
    """Yield the stages whose uses are known, and which DVC runs only when a dep changed.

    A frozen stage does not run; one that always changes runs whatever it declares.
    """
    for stage in lineage.stages:
        uses = lineage.uses.get(stage.id)
        runs = stage.frozen or stage.always_changed or not (stage.deps or stage.outs)
        if uses is not None and not runs:
            yield stage, uses


def declared_paths(stage: Stage) -> frozenset[str]:
    """Return the paths of a stage's deps, outs and params files."""
    return frozenset(
        (
            *(dep.path for dep in stage.deps),
            *(out.path for out in stage.outs),
            *(param.path for param in stage.params),
            *(() if stage.file == "" else (stage.file,)),
        )
    )


def is_declared(path: str, declared: frozenset[str]) -> bool:
    """Whether a path, a folder around it or something inside it is declared."""
    if path in declared or "" in declared or any(above in declared for above in ancestors(path)):
        return True
    return any(inner.startswith(path + "/") for inner in declared)


def place(stage: Stage) -> tuple[str, str]:
    """Return what the stages of one `foreach` or `matrix` share: their file, and the entry."""
    return stage.file, stage.group or str(stage.name)
