"""Write the rows of a query as CSV, or as JSON with one object a line."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_diff.cli.output import write_file
from lineage_diff.render.exports.csv import safe_cell
from lineage_diff.report.json_codec import storable_value

if TYPE_CHECKING:
    from lineage_diff.organization.delta import QueryAnswer


def write_answer(answer: "QueryAnswer", form: str, target: str | None) -> None:
    """Write the rows to a file, or to standard output. Raises `InputError`."""
    lines = map(_json, answer.rows) if form == "json" else _csv_lines(answer)
    if target in (None, "-"):
        sys.stdout.writelines(lines)
    else:
        write_file(Path(str(target)), (line.encode() for line in lines))


def _json(row: Mapping[str, Any]) -> str:
    return f"{json.dumps(storable_value(dict(row)), default=str)}\n"


def _csv_lines(answer: "QueryAnswer") -> Iterator[str]:
    yield _csv_line(answer.columns)
    for row in answer.rows:
        yield _csv_line(map(_cell, row.values()))


def _csv_line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()


def _cell(value: object) -> object:
    """Return a value of a cell; a list as JSON, a time in ISO 8601."""
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    return value if isinstance(value, str | int | float | None) else str(value)
