"""Send events through the client of OpenLineage, by the transport that the environment sets."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.openlineage import Event, openlineage_events
from lineage_diff.errors import InputError

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

_FILE = "openlineage.yml"
_CONFIG = "OPENLINEAGE_CONFIG"
# The transport `console` writes each event to this log, and nothing else prints it.
_CONSOLE = "openlineage.client.transport.console"
_NO_INPUT_FACETS: Event = {"facets": None, "inputFacets": None}
_NO_OUTPUT_FACETS: Event = {"facets": None, "outputFacets": None}
_HOME = Path("~/.openlineage") / _FILE


def send_events(facts: Iterable[Fact]) -> int:
    """Send the events of all runs, and return the number of those that were sent.

    It is less if the configuration of the client filters events, and 0 if it is disabled. The
    client repeats a request that failed. Raises `InputError` if nothing says where to send, or
    if an event cannot be sent: a second export sends the same events again, which changes nothing.
    """
    client = _client()
    sent = 0
    try:
        with _printed_events():
            for event in map(_run_event, openlineage_events(facts)):
                if client.transport.kind == "noop" or client.filter_event(event) is None:
                    continue
                client.emit(event)
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


@contextmanager
def _printed_events() -> Iterator[None]:
    """Print what the transport `console` logs, for a user who configured it."""
    log, handler = logging.getLogger(_CONSOLE), logging.StreamHandler(sys.stdout)
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.level, log.propagate = before


def _client() -> "OpenLineageClient":
    _check_configuration()
    try:
        from openlineage.client import OpenLineageClient
    except ImportError as error:
        raise InputError(
            "the client of OpenLineage is not installed",
            hint="Install lineage-diff[openlineage], or write the events to a file with `-o`.",
        ) from error
    try:
        # Its own location would be that of the current folder, not of the exported repository.
        client = OpenLineageClient(config={"facets": {"source_code_location": {"disabled": True}}})
    except Exception as error:
        # A message about an address may hold its credentials; one about a module has none.
        why = str(error) if isinstance(error, ImportError) else type(error).__name__
        raise InputError(
            f"the client of OpenLineage cannot be set up: {why}",
            hint=f"Check OPENLINEAGE_URL, or the type of the transport in {_CONFIG} and the "
            "package that it needs.",
        ) from error
    # It is what the client takes where nothing is configured.
    if client.transport.kind == "console" and not (client.config.transport or {}).get("type"):
        raise _nowhere()
    return client


def _nowhere() -> InputError:
    return InputError(
        "nothing says where to send the events",
        hint=f"Set OPENLINEAGE_URL, or {_CONFIG} to a configuration of the client.",
    )


def _check_configuration() -> None:
    """Raise `InputError` if no address is configured, or only by a file that may be a repository's.

    The client reads such a file in the current folder, and imports the code that it names; also
    where it cannot read the file that is named.
    """
    named = os.environ.get(_CONFIG)
    if not named and Path(_FILE).is_file():
        raise InputError(
            f"{_FILE} in the current folder may come from a repository, so it is not read",
            hint=f"If you trust it, set {_CONFIG}={_FILE}; else go to another folder.",
        )
    home = _HOME.expanduser()
    is_set = any(name.startswith("OPENLINEAGE__") for name in os.environ)
    if named or home.is_file():
        _check_file(Path(named) if named else home)
    elif not (is_set or os.environ.get("OPENLINEAGE_URL")):
        raise _nowhere()


def _check_file(file: Path) -> None:
    """Raise `InputError` for a file of which the client would only log that it is unreadable."""
    import yaml

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = getattr(error, "strerror", None) or "not valid YAML"
        raise InputError(
            f"the configuration of OpenLineage's client cannot be read: {why}",
            hint=f"Correct it, or name another file in {_CONFIG}.",
            file=str(file),
        ) from error
    if not isinstance(found, dict):
        raise InputError(
            "the configuration of OpenLineage's client is no mapping",
            hint="Write `transport:` with its `type` there.",
            file=str(file),
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
