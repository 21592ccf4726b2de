"""Find the template of a plot: a built-in one of DVC, or a file of the base branch.

Follows `dvc_render.vega_templates.get_template`, which would also open any file with that name on
this machine: here the name is looked up only in the commit's `.dvc/plots`.
"""

import json
from collections.abc import Mapping
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.values import within_bounds

DEFAULT = "linear"


def read_template(
    name: str | None, project: str, snapshot: Snapshot
) -> tuple[str, Mapping[str, Any] | None]:
    """Return a template's name and its content, `None` for a built-in one.

    `project` is the folder that contains `.dvc`. Raises `InputError` for an unknown template.
    """
    # Imported here: a report may have no plot.
    from dvc_render.vega_templates import TEMPLATES

    wanted = DEFAULT if name is None else name
    folder = join(project, ".dvc/plots")
    for path in (join(folder, wanted), f"{join(folder, wanted).removesuffix('.json')}.json"):
        entry = snapshot.entry(path)
        inside = path.startswith(f"{folder}/")
        if inside and entry is not None and entry.kind in ("file", "executable"):
            return wanted, _content(snapshot.read(path), path)
    if any(wanted == known.DEFAULT_NAME for known in TEMPLATES):
        return wanted, None
    raise InputError(
        f"its template `{wanted[:80]}` is none of DVC's, and not in `.dvc/plots` of the base",
        hint="Commit the template, or name another one.",
    )


def _content(text: bytes, path: str) -> Mapping[str, Any]:
    found: Any = None
    if len(text) <= limits.PLOT_TEMPLATE_BYTES:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict) or not within_bounds(found):
        raise InputError(
            f"its template `{path}` is no JSON object, or too large",
            hint="Correct the template.",
        )
    return found
