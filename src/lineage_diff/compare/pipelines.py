"""Pipelines: which were added or removed, and in which a stage changed."""

from collections.abc import Mapping

from lineage_diff.compare.change import PipelineChange
from lineage_diff.lineage.lineage import Lineage


def pipeline_changes(
    base: Lineage, head: Lineage, stages: Mapping[str, bool]
) -> tuple[PipelineChange, ...]:
    """List every `dvc.yaml` of both sides. `stages` says by pipeline whether a stage changed."""
    old = {pipeline.file: pipeline for pipeline in base.pipelines}
    new = {pipeline.file: pipeline for pipeline in head.pipelines}
    found = []
    for file in sorted(old.keys() | new.keys()):
        if file not in new:
            found.append(PipelineChange(file, len(old[file].stages), "removed"))
        elif file not in old:
            found.append(PipelineChange(file, len(new[file].stages), "added"))
        else:
            change = stages.get(file, False)
            count = len(new[file].stages)
            found.append(PipelineChange(file, count, "modified" if change else "unchanged"))
    return tuple(found)
