"""A drawing as a Vega-Lite specification that loads nothing and draws the same each time.

https://vega.github.io/vega-lite/docs/spec.html
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from lineage_diff.render.plots.series import sides_of_rows
from lineage_diff.report.plots import Drawing

# Keys that load or link a URL, anywhere in a specification.
_LOADING = frozenset({"url", "href", "loader", "baseurl", "usermeta"})
MAX_DEPTH = 60
# https://vega.github.io/vega/docs/expressions
_RANDOM = re.compile(r"\brandom\s*\(\s*\)")
# In the JSON of a template.
_DIFFERS = re.compile(
    r'\b(?:random|sample(?:Normal|LogNormal|Uniform))\s*\(|\bnow\s*\(\s*\)|"sample": \d'
)
_ROW = "lineage_diff_row"
# Multiples of them spread evenly in one dimension and in two.
# https://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/
_SPREADS = (0.7548776662466927, 0.5698402909980532)


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
        if _DIFFERS.search(json.dumps(repeatable(harmless(drawing.content)))):
            raise NoSpecificationError("it draws something else each time")
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


def still(spec: Any) -> Any:
    """Return a specification without the marks that are seen only under a pointer.

    No picture shows them, and they are half of DVC's line plot: one for each point.
    """
    if not isinstance(spec, Mapping):
        return spec
    found = dict(spec)
    if isinstance(spec.get("layer"), list):
        found["layer"] = [still(each) for each in spec["layer"] if not _is_transparent(each)]
    if isinstance(spec.get("transform"), list):
        # The empty layer stays: legends follow the kinds of marks.
        found["transform"] = [
            {"filter": "false"} if _waits(each.get("filter")) else each
            for each in spec["transform"]
        ]
    return found


def _is_transparent(layer: Any) -> bool:
    """Whether a layer is transparent as long as nothing is selected."""
    opacity = layer.get("encoding", {}).get("opacity", {})
    return opacity.get("value") == 0 and _waits(opacity.get("condition"))


def _waits(condition: Any) -> bool:
    """Whether a condition is false as long as nothing is selected.

    https://vega.github.io/vega-lite/docs/parameter.html#condition
    """
    return isinstance(condition, Mapping) and condition.get("empty") is False


def repeatable(spec: Any) -> Any:
    """Return a specification whose random numbers follow from the rows: it draws the same again."""
    return _numbered(spec, cycle(_SPREADS))


def _numbered(spec: Any, spreads: Iterator[float], key: str = "") -> Any:
    if key == "calculate" and isinstance(spec, str):
        return _RANDOM.sub(lambda _: f"((datum.{_ROW} * {next(spreads)}) % 1)", spec)
    if isinstance(spec, list):
        return [_numbered(each, spreads) for each in spec]
    if not isinstance(spec, Mapping):
        return spec
    made = {
        name: each if name == "values" else _numbered(each, spreads, name)
        for name, each in spec.items()
    }
    if made.get("transform") != spec.get("transform"):
        rows = {"window": [{"op": "row_number", "as": _ROW}]}
        made["transform"] = [rows, *made["transform"]]
    return made
