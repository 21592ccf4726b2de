"""Find the plots that a commit declares, with DVC's reading of their paths.

Follows `dvc.repo.plots._collect_definitions`: top-level `plots` are grouped by their `dvc.yaml`,
the plots of stages under no file. Paths are relative to the repository's root.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lineage_diff.dvc.plots.source import PlotSide
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import PlotDefinition
from lineage_diff.lineage.paths import folder_of, join

Definitions = dict[str, dict[str, dict[str, Any]]]
"""The properties of each plot, by its file (`""`: none) and its name in DVC."""


def plot_definitions(side: PlotSide) -> Definitions:
    """Return the plots of a commit; a plot of a folder becomes one for each file in it."""
    found: Definitions = {}
    lineage = side.lineage
    files: dict[str, list[PlotDefinition]] = {}
    for item in lineage.plot_definitions:
        files.setdefault(item.file, []).append(item)
    for file, items in files.items():
        found[file] = dict(_of_file(items, folder_of(file), side))
    own: dict[str, dict[str, Any]] = {}
    for stage in lineage.stages:
        for out in stage.outs:
            if out.kind == "plots" and not out.external:
                for path in side.files(out.path):
                    own.setdefault(path, {}).update(out.plot or {})
    if own:
        found[""] = own
    return found


def sources_of(name: str, props: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the data files of a plot (`dvc.repo.plots.infer_data_sources`)."""
    x, y = props.get("x"), props.get("y")
    found = list(y) if isinstance(y, Mapping) else [name]
    if isinstance(x, Mapping):
        found += list(x)[:1]
    return tuple(dict.fromkeys(found))


def _of_file(
    items: list[PlotDefinition], folder: str, side: PlotSide
) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = [join(folder, item.name) for item in items]
    around = {above for path in paths for above in (path, *ancestors(path))}
    for item in items:
        props = dict(item.props)
        if isinstance(props.get("y"), Mapping):
            yield item.name, _adjust(props, folder)
            continue
        path = join(folder, item.name)
        for file in side.files(path):
            # As in DVC, a file belongs to the definition that shares the longest path prefix.
            if next((at for at in (file, *ancestors(file)) if at in around), "") == path:
                yield file, props


def _adjust(props: dict[str, Any], folder: str) -> dict[str, Any]:
    for axis in ("x", "y"):
        if isinstance(props.get(axis), Mapping):
            props[axis] = {join(folder, file): fields for file, fields in props[axis].items()}
        elif axis == "x" and not isinstance(props.get(axis, ""), str):
            del props[axis]
    return props
