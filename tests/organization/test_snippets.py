"""What docs/organization.md shows for DuckDB, Spark and Dask runs as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import distributed
import pytest

from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from tests.support.audit_repo import AuditRepo, content
from tests.support.organization import new_store
from tests.support.projects import run
from tests.support.spark import SPARK

PAGE = (Path(__file__).parents[2] / "docs" / "organization.md").read_text(encoding="utf-8")
MODEL = "models/churn.pkl"


def snippet(language: str, word: str) -> str:
    """Return the one block of the page in a language with a word."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (found,) = (block for block in blocks if word in block)
    return str(found)


@pytest.mark.parametrize("engine", ["duckdb", "pyspark"])
def test_the_program_for_an_engine(engine: str, tmp_path: Path) -> None:
    for package in (engine, "pyarrow"):
        pytest.importorskip(package)
    if engine == "pyspark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java: install a JRE, such as openjdk-17-jre-headless")
    past = AuditRepo(tmp_path / "churn")
    index_repository(open_history(past.path), new_store(tmp_path / "tables"))
    program = snippet("python", engine)
    assert program.count("md5:…") == 1
    done = subprocess.run(
        [sys.executable, "-c", program.replace("md5:…", f"md5:{content('fixed')}")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYSPARK_SUBMIT_ARGS": shlex.join(
                (
                    "--driver-memory=512m",
                    *(f"--conf={name}={value}" for name, value in SPARK.items()),
                    "pyspark-shell",
                )
            ),
        },
    )
    assert done.returncode == 0, done.stderr
    assert MODEL in done.stdout
    assert past.commits["moved"] in done.stdout


def test_the_command_for_dask(tmp_path: Path) -> None:
    (line,) = (line for line in snippet("sh", "--dask").splitlines() if "--dask" in line)
    past = AuditRepo(tmp_path / "churn")
    (tmp_path / "repositories.txt").write_text(f"# Ours\n{past.path}\n")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        words = [
            {"tcp://scheduler:8786": cluster.scheduler_address}.get(word, word)
            for word in line.replace("s3://acme-lineage/tables", "tables").split()
        ]
        assert words[0] == "lineage-diff"
        done = run(*words[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "8 runs of the whole history" in done.stdout
