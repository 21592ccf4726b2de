"""Send events through the client of OpenLineage, by the transport that the environment sets."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.openlineage import Event, openlineage_events
from lineage_diff.errors import InputError

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

_FILE = "openlineage.yml"
_NO_INPUT_FACETS: Event = {"facets": None, "inputFacets": None}
_NO_OUTPUT_FACETS: Event = {"facets": None, "outputFacets": None}
_HOME = Path("~/.openlineage") / _FILE


def send_events(facts: Iterable[Fact]) -> int:
    """Send the events of all runs, and return their number.

    The client repeats a request that failed. Raises `InputError` if nothing says where to send, or
    if an event cannot be sent: a second export sends the same events again, which changes nothing.
    """
    client = _client()
    sent = 0
    try:
        for event in openlineage_events(facts):
            client.emit(_run_event(event))
            sent += 1
        is_closed = client.close()
    except InputError:
        raise
    except Exception as error:
        # A transport of any kind: its message may hold an address with credentials.
        raise _not_sent(sent, _name_of(error)) from error
    if not is_closed:
        raise _not_sent(sent, "the transport was closed before all were sent")
    return sent


def _not_sent(sent: int, why: str) -> InputError:
    return InputError(
        f"cannot send the events ({sent:,} were sent): {why}",
        hint="Check OPENLINEAGE_URL or the client's configuration, and export again: an event that "
        "was sent already changes nothing.",
    )


def _name_of(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"HTTP {status}" if status is not None else type(error).__name__


def _client() -> "OpenLineageClient":
    _check_configuration()
    try:
        from openlineage.client import OpenLineageClient
    except ImportError as error:
        raise InputError(
            "the client of OpenLineage is not installed",
            hint="Install lineage-diff[openlineage], or write the events to a file with `-o`.",
        ) from error
    # Its own location would be that of the current folder, not that of the exported repository.
    return OpenLineageClient(config={"facets": {"source_code_location": {"disabled": True}}})


def _check_configuration() -> None:
    """Raise `InputError` if no address is configured, or only by a file that may be a repository's.

    The client reads such a file in the current folder, and imports the code that it names.
    """
    named = os.environ.get("OPENLINEAGE_CONFIG")
    if not named and Path(_FILE).is_file():
        raise InputError(
            f"{_FILE} in the current folder may come from a repository, so it is not read",
            hint=f"If you trust it, set OPENLINEAGE_CONFIG={_FILE}; else go to another folder.",
        )
    is_set = any(name.startswith("OPENLINEAGE__") for name in os.environ)
    if not (named or is_set or os.environ.get("OPENLINEAGE_URL") or _HOME.expanduser().is_file()):
        raise InputError(
            "nothing says where to send the events",
            hint="Set OPENLINEAGE_URL, or OPENLINEAGE_CONFIG to a configuration of the client.",
        )


def _run_event(event: Event) -> "RunEvent":
    from openlineage.client.event_v2 import (
        InputDataset,
        Job,
        OutputDataset,
        Run,
        RunEvent,
        RunState,
    )

    run, job = event["run"], event["job"]
    return RunEvent(
        eventTime=event["eventTime"],
        eventType=RunState(event["eventType"]),
        producer=event["producer"],
        run=Run(runId=run["runId"], facets=run["facets"]),
        job=Job(namespace=job["namespace"], name=job["name"], facets=job["facets"]),
        # The client sends empty facets, and leaves out those that are `None`.
        inputs=[InputDataset(**{**_NO_INPUT_FACETS, **item}) for item in event["inputs"]],
        outputs=[OutputDataset(**{**_NO_OUTPUT_FACETS, **item}) for item in event["outputs"]],
    )
