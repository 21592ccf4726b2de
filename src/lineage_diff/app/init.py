"""The first configuration and workflow for a repository."""

import glob
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lineage_diff.config.loader import PATHS
from lineage_diff.project import ACTION

CONFIGURATION = PATHS[0]
WORKFLOW = ".github/workflows/lineage-diff.yml"
# The most models, and the most metrics, listed in the file.
_SHOWN = 40


def starter_files(
    repo: str | os.PathLike[str],
) -> tuple[str, Mapping[str, str], frozenset[str]]:
    """Return the work tree's folder, the texts of the files to write there, by path, and those
    paths at which there is a file: on disk, or left out of it by a sparse checkout.

    The configuration is the first.

    Raises `InputError` without a work tree or a DVC project.
    """
    from lineage_diff.app.opened import open_files
    from lineage_diff.diff.metric_direction import direction
    from lineage_diff.lineage.models import find_models
    from lineage_diff.lineage.outputs import outputs_by_path
    from lineage_diff.lineage.policy import Policy
    from lineage_diff.render.templates import render

    opened = open_files(repo)
    lineage, held = opened.read(Policy().limits)
    models = find_models(
        outputs_by_path(lineage.stages, held.contents), lineage.artifacts, Policy()
    )
    found = [(json.dumps(path), model.identified_by) for path, model in models.items()]
    ways = {
        key: direction(path, key, Policy())[0]
        for path, file in sorted(lineage.metrics.items())
        for key in sorted(set(_numbers(file.values)))
    }
    metrics = [(json.dumps(glob.escape(key)), ways[key]) for key in sorted(ways)]
    configuration = render(
        "init/lineage-diff.yml.j2",
        models=found[:_SHOWN],
        more_models=max(len(found) - _SHOWN, 0),
        metrics=metrics[:_SHOWN],
        known=any(way for _, way in metrics[:_SHOWN]),
        cached=[json.dumps(path) for path, file in sorted(lineage.metrics.items()) if file.cached][
            :_SHOWN
        ],
    )
    root = str(opened.repository.work_tree)
    # The other name that a configuration may have: a second file beside it would hide it.
    there = frozenset(
        path
        for path in (*PATHS, WORKFLOW)
        if Path(root, path).exists() or opened.files.entry(path) is not None
    )
    name = next((path for path in PATHS if path in there), PATHS[0])
    workflow = render("init/workflow.yml.j2", action=ACTION)
    return root, {name: configuration, WORKFLOW: workflow}, there


def _numbers(values: Any, above: str = "") -> Iterator[str]:
    """Yield the keys of the numbers in a metrics file, joined by dots."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _numbers(value, f"{above}.{key}" if above else str(key))
    elif above and isinstance(values, int | float) and not isinstance(values, bool):
        yield above
