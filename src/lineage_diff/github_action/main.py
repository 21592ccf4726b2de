"""The program of the container: reads environment variables, writes the runner's files and log.

Exit codes: 0 pass, 1 fail, 2 unreadable input, an invalid workflow or an internal error.
"""

import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from lineage_diff.errors import InputError
from lineage_diff.exit_codes import BAD_INPUT
from lineage_diff.github_action.activity import activity
from lineage_diff.github_action.dispatch import run
from lineage_diff.github_action.runner.environment import read_environment
from lineage_diff.github_action.runner.event import MAX_BYTES, Event, parse_event
from lineage_diff.github_action.runner.inputs import read_inputs
from lineage_diff.github_action.runner.log import Console, StepLog
from lineage_diff.github_action.runner.outputs import write_summary
from lineage_diff.github_action.step import Step
from lineage_diff.render.templates import render


def run_step(variables: Mapping[str, str]) -> int:
    """Run one step in a process of its own, whose standard output is the step's log.

    Returns its exit code. With debug logging, the log ends with what libraries wrote.
    """
    log = StepLog(keep=_is_debug(variables))
    if log.lost:
        text = render("action/log_lost.j2", why=log.lost).strip()
        _console(variables, log.stream).command("warning", text)
    code = main(variables, log.stream)
    if others := log.others():
        _console(variables, log.stream).quote(others)
    return code


def main(variables: Mapping[str, str], stream: TextIO) -> int:
    """Run one step of a workflow, and return its exit code. Raises no exception."""
    console = _console(variables, stream)
    try:
        inputs = read_inputs(variables)
        environment = read_environment(variables)
        event = _event(environment.event_name, environment.event_path)
        return run(activity(event, inputs), Step(environment, inputs, console))
    except InputError as error:
        message = str(error)
    except Exception as error:
        message = f"internal error: {type(error).__name__}: {error}"
        if _is_debug(variables):
            console.quote(traceback.format_exc())
    console.command("error", message)
    with suppress(OSError, ValueError):
        _summarise(variables.get("GITHUB_STEP_SUMMARY", ""), console.hidden(message))
    return BAD_INPUT


def _console(variables: Mapping[str, str], stream: TextIO) -> Console:
    return Console(stream, variables.get("INPUT_GITHUB_TOKEN", "").strip() or None)


def _is_debug(variables: Mapping[str, str]) -> bool:
    return variables.get("RUNNER_DEBUG") == "1"


def _event(name: str, path: Path) -> Event:
    try:
        with path.open("rb") as file:
            payload = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"the event's payload cannot be read: {error.strerror}",
            hint="Run it as a step of a workflow, which sets GITHUB_EVENT_PATH.",
            file=str(path),
        ) from error
    return parse_event(name, payload, str(path))


def _summarise(path: str, error: str) -> None:
    """Write into the job's summary why there is no report."""
    if path:
        write_summary(path, render("action/error.md.j2", error=error))
