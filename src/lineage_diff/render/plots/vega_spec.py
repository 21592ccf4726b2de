"""A drawing as a Vega-Lite specification, by DVC's own templates, that loads nothing.

https://vega.github.io/vega-lite/docs/spec.html
"""

import copy
from collections.abc import Mapping
from typing import Any

from lineage_diff.render.plots.series import sides_of_rows
from lineage_diff.report.plots import Drawing

# What names a place to load from or to lead to, wherever it stands in a specification.
_LOADING = frozenset({"url", "href", "loader", "baseurl", "usermeta"})
MAX_DEPTH = 60


class NoSpecificationError(Exception):
    """A drawing that its template cannot draw; the text says why."""


def specification(drawing: Drawing) -> dict[str, Any]:
    """Return what `dvc plots diff --json` calls the content of a plot.

    Raises `NoSpecificationError`.
    """
    # Saves dvc-render where no plot is drawn.
    from dvc_render import VegaRenderer
    from dvc_render.exceptions import DvcRenderError
    from dvc_render.vega_templates import TEMPLATES, Template

    if drawing.content is not None:
        template = Template(copy.deepcopy(dict(drawing.content)), drawing.template or "none")
    else:
        known = {made.DEFAULT_NAME: made for made in TEMPLATES}
        if drawing.template not in known:
            raise NoSpecificationError("an unknown template")
        template = known[drawing.template]()
    properties: dict[str, Any] = {
        "title": drawing.title,
        "x": drawing.x,
        "y": drawing.y,
        "x_label": drawing.x_label,
        "y_label": drawing.y_label,
        "template": template,
        "anchors_y_definitions": [
            {"filename": line.filename, "field": line.field} for line in drawing.lines
        ],
        "revs_with_datapoints": sides_of(drawing),
    }
    try:
        return dict(VegaRenderer(points(drawing), drawing.id, **properties).get_filled_template())
    except (DvcRenderError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise NoSpecificationError(" ".join(str(error).split())[:200]) from error


def points(drawing: Drawing) -> list[dict[str, Any]]:
    """Return the rows by the names of their columns, without cells that hold nothing."""
    return [
        {name: cell for name, cell in zip(drawing.columns, row, strict=False) if cell is not None}
        for row in drawing.rows
    ]


def sides_of(drawing: Drawing) -> list[str]:
    """Return the sides that have points, in the order of the points."""
    return list(dict.fromkeys(sides_of_rows(drawing)))


def harmless(spec: Any, depth: int = 0) -> Any:
    """Return a specification without anything that loads or links; data stays inline."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(spec, Mapping):
        return {
            str(key): value if key == "values" else harmless(value, depth + 1)
            for key, value in spec.items()
            if str(key).lower() not in _LOADING
        }
    if isinstance(spec, list | tuple):
        return [harmless(item, depth + 1) for item in spec]
    return spec
