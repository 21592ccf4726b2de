"""Find the params files that DVC refuses: for `${}`, and for the stages that use them.

The `params.yaml` beside a `dvc.yaml` is loaded with it, whether or not a template uses it
(`dvc.parsing.DataResolver`); the params files of a stage when it is compared or run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lineage_diff.dvc import problems
from lineage_diff.dvc.metrics_and_params import count_values, parts_of_patterns
from lineage_diff.errors import ConvertedError, InputError, MalformedError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.values import is_pattern, value_of_pattern
from lineage_diff.parsing.line_numbers import key_lines
from lineage_diff.parsing.work_budget import PARAMS, TooMuchWorkError, WorkBudget

Load = Callable[[str], Any]
"""Returns all values at a path, the error of reading them, or `None`."""

_REPORTED = MalformedError, ConvertedError
_KINDS: Mapping[type, str] = {list: "a list", str: "text", int: "a number", float: "a number"}


def default_params(pipelines: Iterable[str]) -> list[str]:
    """Return the paths of the `params.yaml` beside pipelines, sorted."""
    return sorted({join(folder_of(file), "params.yaml") for file in pipelines})


def values_refusals(
    files: Iterable[str],
    stages: Iterable[Stage],
    snapshot: Snapshot,
    load: Load,
    work: WorkBudget,
) -> Iterator[Problem]:
    """Yield a problem for each of the `files` beside pipelines and the `stages` that DVC refuses.

    One file has one problem.
    """
    refused: set[str] = set()
    for path in files:
        problem = vars_problem(path, snapshot, load)
        if problem is not None:
            refused.add(path)
            yield problem
    taken: dict[str, dict[str, None]] = {}
    for stage in stages:
        for param in stage.params if not stage.frozen else ():
            taken.setdefault(param.path, {}).update(dict.fromkeys(filter(is_pattern, param.keys)))
    for path in sorted(taken.keys() - refused):
        values = load(path)
        if isinstance(values, _REPORTED):
            yield problems.unreadable_file(_in(values, path), path, None)
        elif values is not None and not isinstance(values, InputError) and taken[path]:
            yield from _ambiguous(path, values, tuple(taken[path]), work)


def _ambiguous(
    path: str, values: Any, patterns: tuple[str, ...], work: WorkBudget
) -> Iterator[Problem]:
    """Yield a problem for the first pattern of a key that matches several values."""
    try:
        work.spend(parts_of_patterns(patterns) * count_values(values), PARAMS)
    except TooMuchWorkError:
        # Then the values are unknown, too.
        return
    for key in patterns:
        try:
            value_of_pattern(values, key)
        except KeyError:
            continue
        except ValueError:
            what = f"the param `{key}` of a stage matches several of its values"
            yield problems.refused(path, what, "Name each param by its key.", None)
            return


def vars_problem(path: str, snapshot: Snapshot, load: Load) -> Problem | None:
    """Return why DVC cannot load a variables file, `None` if it can or there is no file."""
    entry = snapshot.entry(path)
    if entry is not None and entry.kind == "directory":
        what = "a folder, where DVC reads the variables of the dvc.yaml beside it"
        return problems.refused(path, what, "Rename it: no DVC command runs with it.", None)
    values = load(path)
    if isinstance(values, InputError):
        if not isinstance(values, _REPORTED):
            return None
        return problems.unreadable_file(_in(values, path), path, None)
    if values is None or (not isinstance(values, dict) and not values):
        return None
    if not isinstance(values, dict):
        kind = _KINDS.get(type(values), "a single value")
        what = f"must be a mapping of params, not {kind}"
        hint = "Give each value a name: DVC loads this file for each command."
        return problems.refused(path, what, hint, 1)
    return _type_problem(values, path, snapshot)


def _type_problem(values: Mapping[Any, Any], path: str, snapshot: Snapshot) -> Problem | None:
    bad = _no_variable(values, ())
    if bad is None:
        return None
    keys, kind = bad
    try:
        text = snapshot.read(path).decode("utf-8", "replace")
    except InputError:
        text = ""
    return problems.refused(
        path,
        f"`{'.'.join(map(str, keys))}` is a {kind}, which DVC cannot take for a variable",
        "Put the value in quotes.",
        key_lines(text, None).get(str(keys[0])),
    )


def _no_variable(value: Any, path: tuple[Any, ...]) -> tuple[tuple[Any, ...], str] | None:
    """Return the type of the first value that `dvc.parsing.context.Container` refuses."""
    if isinstance(value, dict):
        parts: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        # What YAML calls an ordered mapping is a list of tuples here, and a mapping for DVC.
        good = value is None or isinstance(value, int | float | str | bytes | tuple)
        return None if good else (path, type(value).__name__)
    found = (_no_variable(part, (*path, key)) for key, part in parts)
    return next((bad for bad in found if bad is not None), None)


def _in(error: InputError, path: str) -> InputError:
    """Set the requested file's name: equal files are read once, under the first name."""
    error.file = path
    return error
