"""Index the repositories that the arguments name, and print the result of each."""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from lineage_diff.app.organization.opened import begin_history, open_store
from lineage_diff.catalog.identity import without_credentials
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import BAD_INPUT, PASS
from lineage_diff.organization.address import store_address
from lineage_diff.project import NAME
from lineage_diff.render.humanize import count
from lineage_diff.text import visible

if TYPE_CHECKING:
    from lineage_diff.app.organization.tasks import IndexTask, TaskResult

_STDIN = "-"
_LOGIN = re.compile(r"[a-z+]+://([^/@]+)@", re.IGNORECASE)


def index_all(arguments: argparse.Namespace) -> int:
    """Index each repository, print a line for it, and return the exit code.

    What fails is named at the end, on standard error. Raises `InputError` for a store that cannot
    be opened.
    """
    names = _names(arguments)
    address = store_address(arguments.to)
    is_single = len(names) == 1 and arguments.dask is None
    history = begin_history(names[0], address) if is_single else None
    store = open_store(address)
    with ThreadPoolExecutor(1) as pool:
        created = pool.submit(store.create)
        # Imported late: it needs the packages of the extra, which `open_store` looks for. The
        # tables are created in the meantime.
        from lineage_diff.app.organization.tasks import IndexTask, run_tasks

        created.result()
    cache = Path(arguments.cache) if arguments.cache else user_cache_path(NAME) / "repositories"
    tasks = [IndexTask(name, store.address, cache, arguments.config) for name in names]
    failed: list[TaskResult] = []
    results = (
        run_tasks(tasks, arguments.jobs, store, history)
        if arguments.dask is None
        else _on_dask(arguments, tasks)
    )
    for number, result in enumerate(results, 1):
        if result.problem is not None and not result.is_skipped:
            failed.append(result)
        place = f"[{number}/{len(names)}] " if len(names) > 1 else ""
        print(visible(f"{place}{_line(result)}"), flush=True)
    for result in failed:
        named = str(result.problem).startswith(f"{result.repository}: ")
        text = str(result.problem) if named else f"{result.repository}: {result.problem}"
        print(f"lineage-diff: error: {visible(_shown(text, result))}", file=sys.stderr)
    return BAD_INPUT if failed else PASS


def _on_dask(arguments: argparse.Namespace, tasks: "Sequence[IndexTask]") -> "Iterator[TaskResult]":
    try:
        # Imported late: it is an extra.
        from lineage_diff.app.organization.dask_cluster import run_on_dask
    except ImportError as error:
        raise InputError(
            "Dask is not installed",
            hint="Install lineage-diff[lake,dask], or use --jobs.",
        ) from error
    return run_on_dask(tasks, arguments.dask)


def _line(result: "TaskResult") -> str:
    found = result.indexed
    if found is None:
        what = "left out, no DVC project" if result.is_skipped else "failed"
        return _shown(f"{result.repository}: {what}", result)
    at = f"at {found.head[:7]}"
    if found.step == "same":
        return f"{found.repository}: nothing new {at}"
    what = "new commits" if found.step == "new" else "the whole history"
    return f"{found.repository}: {count(found.runs, 'run')} of {what} {at}"


def _shown(text: str, result: "TaskResult") -> str:
    """Return a text about a repository without the login and token in its address.

    Git names them in its errors, and what we print is in the log of a workflow.
    """
    login = _LOGIN.match(result.repository)
    shown = text.replace(result.repository, without_credentials(result.repository))
    return shown.replace(f"{login[1]}@", "") if login else shown


def _names(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the repositories, each once, in their order."""
    listed = _listed(arguments.repos) if arguments.repos is not None else ()
    return tuple(dict.fromkeys((*arguments.repositories, *listed))) or (".",)


def _listed(file: str) -> tuple[str, ...]:
    """Return the lines of a file, without empty ones and those that begin with `#`."""
    try:
        text = sys.stdin.read() if file == _STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the list of repositories cannot be read",
            hint="Name a text file with one path or address a line.",
            file=file,
        ) from error
    lines = (line.strip() for line in text.splitlines())
    found = tuple(line for line in lines if line and not line.startswith("#"))
    if not found:
        raise InputError(
            "the list of repositories is empty",
            hint="Name one path or address a line.",
            file=file,
        )
    return found
