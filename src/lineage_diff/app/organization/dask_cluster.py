"""Run the tasks of an index on a Dask cluster: one a repository."""

from collections.abc import Iterator, Sequence
from typing import Any

from distributed import Client, as_completed

from lineage_diff.app.organization.tasks import DIED, IndexTask, TaskResult, run_task
from lineage_diff.errors import InputError

# Times that a task is tried on another worker, beside the tries of the scheduler for dead ones.
_RETRIES = 2
_CONNECT_SECONDS = 30


def run_on_dask(tasks: Sequence[IndexTask], scheduler: str) -> Iterator[TaskResult]:
    """Yield the result of each task as it is done, in the workers of a scheduler.

    A task whose worker dies is tried on another one. Raises `InputError` if the scheduler cannot
    be reached.
    """
    with _client(scheduler) as client:
        futures = client.map(run_task, tasks, pure=False, retries=_RETRIES)
        named = {future.key: task for future, task in zip(futures, tasks, strict=True)}
        for future in as_completed(futures):
            yield _result(future, named[future.key])


def _client(scheduler: str) -> Any:
    try:
        return Client(scheduler, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise InputError(
            f"the Dask scheduler cannot be reached: {type(error).__name__}",
            hint="Name it as tcp://HOST:8786.",
        ) from error


def _result(future: Any, task: IndexTask) -> TaskResult:
    try:
        found: TaskResult = future.result()
    except Exception as error:
        # Of any kind: what a worker lacks, or that all who tried it died.
        problem = DIED if type(error).__name__ == "KilledWorker" else type(error).__name__
        return TaskResult(task.repository, problem=problem)
    return found
