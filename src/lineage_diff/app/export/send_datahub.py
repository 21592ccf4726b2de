"""Send metadata to DataHub's REST endpoint by DataHub's own command, `datahub ingest`.

Its packages need other versions than ours, so it is in an environment of its own.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.datahub import FILE, write_datahub
from lineage_diff.child_processes import run_child
from lineage_diff.errors import InputError

_SERVER, _TOKEN = "DATAHUB_GMS_URL", "DATAHUB_GMS_TOKEN"


def send_metadata(facts: Iterable[Fact]) -> int:
    """Send the aspects of all entities, and return their number.

    Raises `InputError` without the command or an address, and if the command fails: a second
    export sends the same aspects, which replace the first.
    """
    command = shutil.which("datahub")
    if command is None:
        raise InputError(
            "the command datahub is not installed",
            hint="Install acryl-datahub into an environment of its own and add its `bin` to PATH, "
            "or write the file with `-o`.",
        )
    if not os.environ.get(_SERVER):
        raise InputError(
            "nothing says where to send the metadata",
            hint=f"Set {_SERVER}, and {_TOKEN} if the server asks for a token.",
        )
    with tempfile.TemporaryDirectory() as folder:
        sent = _write(Path(folder, FILE), facts)
        Path(folder, "recipe.yml").write_text(_recipe(Path(folder, FILE)), encoding="utf-8")
        # In that folder, no file of the repository is read as a configuration.
        _run([command, "ingest", "-c", "recipe.yml"], folder)
    return sent


def _write(file: Path, facts: Iterable[Fact]) -> int:
    """Write the file, and return the number of its aspects: one a part, but the last."""
    parts = 0
    with file.open("wb") as target:
        for part in write_datahub(facts):
            target.write(part.data)
            parts += 1
    return parts - 1


def _recipe(file: Path) -> str:
    """Return the recipe; the command itself fills in what the environment has."""
    token = {"token": f"${{{_TOKEN}}}"} if os.environ.get(_TOKEN) else {}
    return json.dumps(
        {
            "source": {"type": "file", "config": {"path": str(file)}},
            "sink": {"type": "datahub-rest", "config": {"server": f"${{{_SERVER}}}", **token}},
        }
    )


def _run(command: list[str], folder: str) -> None:
    code = run_child(command, cwd=folder, own_session=True, bounded=False).returncode
    if code:
        # Its report may hold the address with credentials.
        raise InputError(
            f"cannot send the metadata: datahub ingest ended with exit code {code}",
            hint="Write the file with `-o` and run `datahub ingest` on it to read its report; then "
            "export again: an aspect that was sent already is replaced.",
        )
