"""One task a repository: here, in processes of this machine, or on a Dask cluster."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from lineage_diff.app.organization.index import Indexed, index_repository
from lineage_diff.child_processes import count_work, end_with_parent
from lineage_diff.errors import InputError, NoDvcError, too_little_memory
from lineage_diff.history.reader import HistoryReader, open_history
from lineage_diff.organization.address import StoreAddress
from lineage_diff.organization.delta import DeltaStore

DIED = "its process ended before it was done. Allow more memory, or use fewer --jobs."


class IndexTask(Struct, frozen=True):
    """A repository to index, by path or address, and the store. `cache` is for clones."""

    repository: str
    store: StoreAddress
    cache: Path
    config: str | None = None


class TaskResult(Struct, frozen=True):
    """The result of a task. `problem` is why it failed; `is_skipped`: there is nothing to index."""

    repository: str
    indexed: Indexed | None = None
    problem: str | None = None
    is_skipped: bool = False


def run_task(
    task: IndexTask, store: DeltaStore | None = None, history: HistoryReader | None = None
) -> TaskResult:
    """Index the repository of a task. Every failure is in the result.

    `store` is its store and `history` its repository, if they are open.
    """
    # The bound on Git's work is for one repository.
    count_work()
    try:
        history = _open(task) if history is None else history
        store = DeltaStore(task.store) if store is None else store
        return TaskResult(task.repository, index_repository(history, store, task.config))
    except NoDvcError as error:
        return TaskResult(task.repository, problem=str(error), is_skipped=True)
    except InputError as error:
        return TaskResult(task.repository, problem=str(error))
    except MemoryError:
        return TaskResult(task.repository, problem=str(too_little_memory()))


def _open(task: IndexTask) -> HistoryReader:
    if ":" not in task.repository:
        return open_history(task.repository)
    # Imported late: a path needs no GitPython.
    from lineage_diff.app.organization.clones import cloned

    return open_history(cloned(task.repository, task.cache))


def run_tasks(
    tasks: Sequence[IndexTask],
    jobs: int,
    store: DeltaStore | None = None,
    history: HistoryReader | None = None,
) -> Iterator[TaskResult]:
    """Yield the result of each task as it is done; `jobs` run at once, each in a process.

    A task whose process died is tried once more, alone. A single task uses the open `store` and
    `history`.
    """
    if len(tasks) == 1:
        yield run_task(tasks[0], store, history)
        return
    left = list(tasks)
    for result in _run(tasks, jobs):
        left = [task for task in left if task.repository != result.repository]
        yield result
    for task in left:
        yield next(_run([task], 1), TaskResult(task.repository, problem=DIED))


def _run(tasks: Sequence[IndexTask], jobs: int) -> Iterator[TaskResult]:
    """Yield the results until a process dies."""
    # Imported late: a single task runs in this process.
    from concurrent.futures import Future, ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(
        min(jobs, len(tasks)), mp_context=get_context("spawn"), initializer=end_with_parent
    ) as pool:
        futures: list[Future[TaskResult]] = [pool.submit(run_task, task) for task in tasks]
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                continue
