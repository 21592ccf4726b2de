"""Write the rows of a query as CSV, or as JSON with one object a line."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from lineage_diff.errors import InputError
from lineage_diff.render.exports.csv import safe_cell


def write_rows(rows: Iterable[Mapping[str, Any]], form: str, target: str | None) -> None:
    """Write the rows to a file, or to standard output. Raises `InputError`."""
    with _open(target) as file:
        if form == "json":
            file.writelines(f"{json.dumps(dict(row), default=str)}\n" for row in rows)
            return
        writer = csv.writer(file)
        for index, row in enumerate(rows):
            if not index:
                writer.writerow([safe_cell(name) for name in row])
            writer.writerow([safe_cell(_cell(value)) for value in row.values()])


def _cell(value: object) -> object:
    """Return a value of a cell; a list as JSON, a time in ISO 8601."""
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    return value if isinstance(value, str | int | float | None) else str(value)


@contextmanager
def _open(target: str | None) -> Iterator[TextIO]:
    if target in (None, "-"):
        yield sys.stdout
        return
    try:
        with Path(str(target)).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise InputError(
            f"cannot write the file: {error.strerror}",
            hint="Name a file in a writable folder.",
            file=target,
        ) from error
