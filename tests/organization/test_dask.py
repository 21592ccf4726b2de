"""The index on a Dask cluster, with a worker that is killed in the middle."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import distributed
import pytest

from lineage_diff.app.organization.dask_cluster import run_on_dask
from lineage_diff.app.organization.tasks import IndexTask, run_task
from lineage_diff.organization.delta import DeltaStore
from tests.organization.conftest import seen
from tests.support.audit_repo import past_repo
from tests.support.projects import run


def test_a_task_whose_worker_was_killed_is_done_by_another(
    tmp_path: Path, store: DeltaStore, new_store: Callable[[], DeltaStore]
) -> None:
    there = new_store()
    there.create()
    tasks = []
    for number in range(6):
        repo = past_repo(tmp_path / f"repo-{number}")
        repo.git("remote", "add", "origin", f"https://git.acme.com/team/{number}")
        assert run_task(IndexTask(str(repo.path), store.address, tmp_path)).problem is None
        tasks.append(IndexTask(str(repo.path), there.address, tmp_path))
    gone = IndexTask(str(tmp_path / "gone"), there.address, tmp_path)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        results = run_on_dask([*tasks, gone], cluster.scheduler_address)
        done = [next(results)]
        with distributed.Client(cluster) as client:
            pids = client.run(os.getpid)
        # Both workers are at work: one of them is killed in its task.
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        done += results
    failed = [result.repository for result in done if result.problem is not None]
    assert failed == [str(tmp_path / "gone")]
    assert len(done) == len(tasks) + 1
    assert seen(there) == seen(store)


def test_a_scheduler_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = past_repo(tmp_path / "churn")
    done = run("index", "--to", str(tmp_path / "t"), "--dask", "nonsense://x", cwd=repo.path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "lineage-diff: error: the Dask scheduler cannot be reached: "
    )
