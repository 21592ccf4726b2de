"""A real server of S3's API on the loopback, and the environment for it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import requests

BUCKET = "lineage"
SECRET = "s3cret-of-the-test"  # noqa: S105

_SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.disable()
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


class S3Server:
    """The server at `url`, with one bucket."""

    def __init__(self, url: str) -> None:
        self.url = url
        requests.put(f"{url}/{BUCKET}", timeout=20).raise_for_status()

    def refuse_after(self, requests_left: int | None) -> None:
        """Refuse the credentials after so many requests; `None`: never."""
        left = "inf" if requests_left is None else str(requests_left)
        requests.post(f"{self.url}/moto-api/reset-auth", left.encode(), timeout=20)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables for a client of the server."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "someone",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run the server; skip the test where it is not installed."""
    pytest.importorskip("moto.server", reason="moto is not installed (dev-storage)")
    # In a process of its own: a client in Rust may hold Python's lock while it waits.
    running = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with running:
        assert running.stdout is not None
        yield S3Server(running.stdout.readline().strip())
        assert running.stdin is not None
        running.stdin.close()
