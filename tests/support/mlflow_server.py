"""A real MLflow server with a database of its own on the loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# Some ten seconds where nothing else runs: it imports much, twice, and makes its tables.
SECONDS = 180.0


class MlflowServer:
    """Started on entry, with all that it started ended on exit; `uri` is its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self.uri = ""

    def __enter__(self) -> "MlflowServer":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{port}"
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server"),
                    *("--backend-store-uri", f"sqlite:///{self._folder / 'mlflow.db'}"),
                    *("--artifacts-destination", str(self._folder / "artifacts")),
                    *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
                    # By gunicorn it needs no packages of language models.
                    *("--gunicorn-opts", "--no-control-socket"),
                ],
                cwd=self._folder,
                env=_environment(self._folder),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def fill(self, runs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Make runs by MLflow's own client, as `mlflow_runs` says; return their ids by key."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.mlflow_runs", self.uri],
            input=json.dumps(runs),
            cwd=Path(__file__).parents[2],
            env=_environment(self._folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        # The client itself says where runs are, above.
        ids: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return ids

    def run(self, commit: str) -> str:
        """Make a run that names a commit and started after those made so; return its id."""
        self._made += 1
        tags = [{"key": "dvc_commit", "value": commit}]
        run = {"experiment_id": "0", "start_time": self._made, "tags": tags}
        made = self._call("runs/create", run)
        return str(made["run"]["info"]["run_id"])

    def tags(self, run_id: str) -> dict[str, str]:
        """Return the tags of a run as the server has them."""
        run = self._call(f"runs/get?run_id={run_id}")["run"]
        return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}

    def unregister(self, model: str) -> None:
        """Delete a registered model with its versions; their runs stay."""
        self._call("registered-models/delete", {"name": model}, "DELETE")

    def _call(self, path: str, body: object = None, method: str | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 (our own server)
            f"{self.uri}/api/2.0/mlflow/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def _wait(self) -> None:
        assert self._process is not None
        end = time.monotonic() + SECONDS
        while True:
            # Until it listens, and while it starts, the connection is refused.
            with (
                suppress(OSError),
                urllib.request.urlopen(f"{self.uri}/health") as answer,  # noqa: S310
            ):
                assert answer.read() == b"OK"
                return
            log = (self._folder / "server.log").read_text(errors="replace")
            assert self._process.poll() is None, log
            assert time.monotonic() < end, log
            time.sleep(0.1)


def _environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    return kept | {
        "HOME": str(home),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PYTHONUTF8": "1",
    }
