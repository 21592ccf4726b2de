"""A drawing as a Vega-Lite specification that loads nothing, from DVC's own templates.

https://vega.github.io/vega-lite/docs/spec.html
"""

import copy
from collections.abc import Mapping
from typing import Any

from lineage_diff.render.plots.series import sides_of_rows
from lineage_diff.report.plots import Drawing

# Keys that load or link a URL, anywhere in a specification.
_LOADING = frozenset({"url", "href", "loader", "baseurl", "usermeta"})
MAX_DEPTH = 60


class NoSpecificationError(Exception):
    """Raised if a template cannot render a drawing; the text is the reason."""


def specification(drawing: Drawing) -> dict[str, Any]:
    """Return the specification, which `dvc plots diff --json` calls the content of a plot.

    Raises `NoSpecificationError`.
    """
    # Imported late: dvc-render is needed only if a plot is rendered.
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
    """Return the rows as mappings by column name, without empty cells."""
    return [
        {name: cell for name, cell in zip(drawing.columns, row, strict=False) if cell is not None}
        for row in drawing.rows
    ]


def sides_of(drawing: Drawing) -> list[str]:
    """Return the sides that have points, in the order of the points."""
    return list(dict.fromkeys(sides_of_rows(drawing)))


def harmless(spec: Any, depth: int = 0) -> Any:
    """Return a specification without keys that load or link; inline data stays."""
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
