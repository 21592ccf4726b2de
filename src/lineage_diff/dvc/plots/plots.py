"""Prepare the plots that changed between two commits for rendering.

DVC's own code turns files and properties into points (`dvc.render.match.match_defs_renderers`), so
that the results agree. It gets plain data: no file name that it could open reaches it.
"""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.dvc.plots.definitions import plot_definitions, sources_of
from lineage_diff.dvc.plots.points import IMAGES, count_values, parse_points
from lineage_diff.dvc.plots.source import PlotSide
from lineage_diff.dvc.plots.templates import read_template
from lineage_diff.dvc.project import project_roots
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.graph import ancestors
from lineage_diff.report.plots import SIDES, Drawing, PlotImage, PlotLine, Side
from lineage_diff.text import hide_dvc_messages

# The id of a file's bytes, its suffix, and whether its first row is a header.
_Content = tuple[str, str, bool]


@dataclass(slots=True)
class _Budget:
    """The remaining budget for one report, a cache, and the commit with the templates.

    `roots` are the folders of that commit's projects. The cache has the data of files and how many
    values they hold, by their content; `kept` are the values in it.
    """

    templates: Snapshot
    bounds: Limits = USUAL
    cells: int = field(default_factory=lambda: limits.PLOTS_CELLS)
    parsed: int = field(default_factory=lambda: limits.PLOTS_PARSED)
    images: int = field(default_factory=lambda: limits.PLOT_IMAGES_BYTES)
    read: dict[_Content, tuple[Any, int]] = field(default_factory=dict)
    kept: int = 0
    roots: tuple[str, ...] = ()


def read_plots(
    before: PlotSide,
    after: PlotSide,
    changed: Iterable[str],
    trusted: Snapshot | None = None,
    bounds: Limits = USUAL,
) -> tuple[Drawing, ...]:
    """Return the plots of any of the `changed` files or folders, by id.

    Templates come from the `trusted` commit, by default the one before.
    """
    # Imported here: most repositories declare no plot.
    from dvc.utils.plots import group_definitions_by_id

    hide_dvc_messages()
    wanted = frozenset(changed)
    sides = dict(zip(SIDES, (before, after), strict=True))
    declared = {name: plot_definitions(side) for name, side in sides.items()}
    groups: dict[str, dict[Side, tuple[str, dict[str, Any]]]] = {}
    for side, definitions in declared.items():
        config = {file: {"data": plots} for file, plots in definitions.items()}
        for plot_id, definition in group_definitions_by_id(config).items():
            groups.setdefault(plot_id, {})[side] = definition
    templates = trusted or before.snapshot
    budget = _Budget(templates, bounds, roots=project_roots(templates))
    found: list[Drawing] = []
    for plot_id in sorted(groups):
        group = groups[plot_id]
        named = (source for name, props in group.values() for source in sources_of(name, props))
        sources = tuple(dict.fromkeys(named))
        if _is_changed(sources, wanted, before, after, is_new=len(group) == 1):
            if len(found) == bounds.plots:
                break
            found.append(_drawing(plot_id, group, sources, sides, budget))
    return tuple(found)


def _is_changed(
    sources: tuple[str, ...],
    wanted: frozenset[str],
    before: PlotSide,
    after: PlotSide,
    *,
    is_new: bool,
) -> bool:
    """Return whether a source changed; `is_new` if one commit alone declares the plot."""
    for source in sources:
        if source in wanted:
            return True
        if any(folder in wanted for folder in ancestors(source)):
            if is_new:
                return True
            old, new = before.snapshot.entry(source), after.snapshot.entry(source)
            if old != new or (old is None and _differs(source, before, after)):
                return True
    return False


def _differs(source: str, before: PlotSide, after: PlotSide) -> bool:
    """Return whether a file in a cached folder changed, or may have changed."""
    try:
        return before.content(source) != after.content(source)
    except InputError:
        return True


def _drawing(
    plot_id: str,
    group: Mapping[Side, tuple[str, dict[str, Any]]],
    sources: tuple[str, ...],
    sides: Mapping[Side, PlotSide],
    budget: _Budget,
) -> Drawing:
    name = next(iter(group.values()))[0]
    if posixpath.splitext(name)[1] in IMAGES:
        return _images(plot_id, sources, sides, budget)
    try:
        return _points(plot_id, group, sources, sides, budget)
    except InputError as error:
        where = f"`{error.file}`: " if error.file else ""
        return Drawing(plot_id, "vega", sources, unknown=f"{where}{error.message}")


def _images(
    plot_id: str, sources: tuple[str, ...], sides: Mapping[Side, PlotSide], budget: _Budget
) -> Drawing:
    images = []
    for name, side in sides.items():
        for source in sources:
            try:
                content = side.content(source)
            except InputError as error:
                return Drawing(plot_id, "image", sources, unknown=error.message)
            if content is None:
                continue
            if len(content) > min(limits.PLOT_IMAGE_BYTES, budget.images):
                return Drawing(plot_id, "image", sources, unknown=_TOO_LARGE)
            budget.images -= len(content)
            media_type = IMAGES[posixpath.splitext(source)[1]]
            images.append(PlotImage(name, media_type, content))
    return Drawing(plot_id, "image", sources, title=plot_id, images=tuple(images))


_TOO_LARGE = "too large to draw"


def _points(
    plot_id: str,
    group: Mapping[Side, tuple[str, dict[str, Any]]],
    sources: tuple[str, ...],
    sides: Mapping[Side, PlotSide],
    budget: _Budget,
) -> Drawing:
    data = {side: _data_of(side, sides[side], *found, budget) for side, found in group.items()}
    cells = sum(found.cells for found in data.values())
    if cells > min(limits.PLOT_CELLS, budget.cells):
        raise InputError(_TOO_LARGE, hint="")
    budget.cells -= cells
    # As in DVC, the template of the first side counts.
    wanted = next((props["template"] for _, props in group.values() if props.get("template")), None)
    template, content = read_template(wanted, _project(sources, budget.roots), budget.templates)
    matched = _matched({side: found.input for side, found in data.items()})
    return _drawn(plot_id, sources, matched, template, content)


class _SideData(Struct, frozen=True):
    """The data of one side of a plot, in the form that DVC matches, and the values in it."""

    input: dict[str, Any]
    cells: int


def _data_of(
    side: Side, at: PlotSide, name: str, props: dict[str, Any], budget: _Budget
) -> _SideData:
    # Imported here: a report may have no plot with points.
    from dvc_render.vega_templates import Template

    read: dict[str, Any] = {}
    cells = 0
    for source in sources_of(name, props):
        found, values = _parse(at, source, bool(props.get("header", True)), budget)
        if found:
            read[source] = {"data": found}
            cells += values * max(1, _series(props))
        if cells > min(limits.PLOT_CELLS, budget.cells):
            # The other files of the plot are not read.
            raise InputError(_TOO_LARGE, hint="")
    # An instance, so that DVC looks for no file with that name.
    plain = {**props, "template": Template({"data": {}}, "none")}
    definitions = {"data": {"": {"data": {name: plain}}}}
    return _SideData({"definitions": definitions, "sources": {"data": read}}, cells)


def _matched(data: dict[Side, dict[str, Any]]) -> Any:
    """Return DVC's renderer of the only plot in the data, with its points."""
    # As above.
    from dvc.render.match import match_defs_renderers

    hide_dvc_messages()
    (made,) = match_defs_renderers(data)
    if made.definition_errors:
        error = next(iter(made.definition_errors.values()))
        raise InputError(" ".join(str(error).split())[:300], hint="")
    if not made.renderer.datapoints:
        raise InputError("no points in its files", hint="")
    return made.renderer


def _drawn(
    plot_id: str,
    sources: tuple[str, ...],
    renderer: Any,
    template: str,
    content: Mapping[str, Any] | None,
) -> Drawing:
    given, points = renderer.properties, renderer.datapoints
    own = dict.fromkeys(("rev", "filename", "field", given.get("x"), given.get("y")))
    columns = own if content is None else dict.fromkeys(key for row in points for key in row)
    names = [name for name in columns if name is not None]
    title = given.get("title")
    return Drawing(
        plot_id,
        "vega",
        sources,
        title=plot_id if title == renderer.name else str(title),
        template=template,
        content=content,
        x=_text(given.get("x")),
        y=_text(given.get("y")),
        x_label=_text(given.get("x_label")),
        y_label=_text(given.get("y_label")),
        lines=tuple(
            PlotLine(str(line["filename"]), str(line["field"]))
            for line in given.get("anchors_y_definitions", ())
        ),
        columns=tuple(map(str, names)),
        rows=tuple(tuple(_plain(row.get(name)) for name in names) for row in points),
    )


def _parse(at: PlotSide, source: str, header: bool, budget: _Budget) -> tuple[Any, int]:
    """Return the data of a file and how many values it has.

    The same content under other names is parsed once.
    """
    id_ = at.content_id(source)
    if id_ is None:
        return None, 0
    key = id_, posixpath.splitext(source)[1], header
    if key not in budget.read:
        if budget.parsed <= 0:
            raise InputError(_TOO_LARGE, hint="")
        content = at.content(source)
        if content is None:
            return None, 0
        found = parse_points(content, source, header, budget.bounds)
        values = count_values(found)
        budget.parsed -= values
        budget.kept += values
        budget.read[key] = found, values
        while budget.kept > limits.PLOTS_KEPT and len(budget.read) > 1:
            budget.kept -= budget.read.pop(next(iter(budget.read)))[1]
    return budget.read[key]


def _series(props: Mapping[str, Any]) -> int:
    y = props.get("y")
    values = y.values() if isinstance(y, Mapping) else (y,)
    return sum(len(value) if isinstance(value, list) else 1 for value in values)


def _project(sources: tuple[str, ...], roots: tuple[str, ...]) -> str:
    """Return the root folder of the DVC project with the plot's files."""
    around = [root for root in roots if not root or sources[0].startswith(f"{root}/")]
    return max(around, key=len, default="")


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    # A YAML date, a type that JSON lacks.
    return str(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
