"""Leaves the paths that the policy ignores out of a lineage."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from lineage_diff.compare.globs import matcher
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage

T = TypeVar("T")


def without(lineage: Lineage, patterns: tuple[str, ...]) -> Lineage:
    """Return the lineage without the pipelines, deps, outs and files that a pattern matches."""
    ignored = matcher(patterns)

    def kept(files: Mapping[str, T]) -> dict[str, T]:
        return {path: value for path, value in files.items() if not ignored(path)}

    return replace(
        lineage,
        pipelines=tuple(item for item in lineage.pipelines if not ignored(item.file)),
        stages=tuple(_stage(item, ignored) for item in lineage.stages if not ignored(item.file)),
        artifacts=tuple(item for item in lineage.artifacts if not ignored(item.path)),
        plots=tuple(item for item in lineage.plots if not ignored(item.path)),
        metrics=kept(lineage.metrics),
        params=kept(lineage.params),
        contents=kept(lineage.contents),
        listings=kept(lineage.listings),
    )


def _stage(stage: Stage, ignored: Callable[[str], bool]) -> Stage:
    paths = [dep.path for dep in stage.deps] + [param.path for param in stage.params]
    paths += [out.path for out in stage.outs]
    if not any(map(ignored, paths)):
        return stage
    return replace(
        stage,
        deps=tuple(item for item in stage.deps if not ignored(item.path)),
        outs=tuple(item for item in stage.outs if not ignored(item.path)),
        params=tuple(item for item in stage.params if not ignored(item.path)),
    )
