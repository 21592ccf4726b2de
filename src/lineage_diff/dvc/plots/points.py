"""Read the points of a plot file: rows of a CSV or TSV, or lists of mappings in JSON or YAML.

A file's format depends on its last suffix, as in `dvc.repo.plots.parse`.
"""

import csv
import io
import json
import posixpath
from collections.abc import Mapping
from typing import Any

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.values import within_bounds
from lineage_diff.parsing.yaml_loader import decode, load_yaml

IMAGES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
_TABLES = {".csv": ",", ".tsv": "\t"}
_MEND = "Write it as CSV, TSV, JSON or YAML that DVC can plot."


def parse_points(content: bytes, path: str, header: bool, bounds: Limits = USUAL) -> Any:
    """Return the data of a plot file. Raises `InputError` if it is not a plot or too large.

    Without a `header`, the columns of a table are named by their numbers, from 0.
    """
    suffix = posixpath.splitext(path)[1]
    if len(content) > limits.PLOT_BYTES:
        raise _error(f"larger than {limits.PLOT_BYTES >> 20} MiB", path)
    if suffix not in (*_TABLES, ".json", ".yaml", ".yml"):
        raise _error("no format that DVC plots", path)
    text = decode(content, path)
    try:
        if suffix in _TABLES:
            found: Any = _table(text, _TABLES[suffix], header)
        else:
            is_json = suffix == ".json"
            found = json.loads(text) if is_json else load_yaml(text, path, limits=bounds)
    except (ValueError, RecursionError, MemoryError, csv.Error) as error:
        raise _error("does not parse", path) from error
    if not within_bounds(found):
        raise _error("nested too deep, or holds an integer too long to write", path)
    return found


def count_values(found: Any) -> int:
    """Count the values in the data, to limit the work of rendering."""
    pending, count = [found], 0
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
        else:
            count += 1
    return count


def _table(text: str, delimiter: str, header: bool) -> list[dict[str, Any]]:
    names = None
    if not header:
        # DVC counts the columns of a TSV by its commas, and then plots nothing.
        first = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        names = [str(number) for number in range(len(first))]
    rows = list(csv.DictReader(io.StringIO(text), fieldnames=names, delimiter=delimiter))
    # DictReader stores surplus cells of a row under the key `None`, which JSON lacks.
    return [{key: cell for key, cell in row.items() if key is not None} for row in rows]


def _error(what: str, path: str) -> InputError:
    return InputError(what, hint=_MEND, file=path)
