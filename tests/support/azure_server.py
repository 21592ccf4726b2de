"""A real server of Azure's blobs on the loopback: Azurite, Microsoft's emulator."""

import base64
import hmac
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

CONTAINER = "lineage"
ACCOUNT = "devstoreaccount1"
# That of every emulator, which Microsoft's pages name.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_MAIN = Path(sys.prefix) / "share/azurite/node_modules/azurite/dist/src/blob/main.js"
_OPTIONS = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent")
_VERSION = "2021-08-06"


@contextmanager
def azure_server() -> Iterator[Mapping[str, str]]:
    """Run the server with one container, and yield the variables for a client of it.

    Skips the test where it is not installed.
    """
    if not _MAIN.is_file() or shutil.which("node") is None:
        pytest.skip("Azurite is not installed (scripts/azurite)")
    command = ["node", str(_MAIN), "--blobHost", "127.0.0.1", "--blobPort", "0", *_OPTIONS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            line = next(line for line in running.stdout if "successfully listens" in line)
            url = line.split()[-1]
            _make_container(url)
            yield {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": url}
        finally:
            running.terminate()


def _make_container(url: str) -> None:
    """Make the container, as the service's `Create Container` with a shared key is defined."""
    headers = {
        "x-ms-date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "x-ms-version": _VERSION,
    }
    resource = f"/{ACCOUNT}/{ACCOUNT}/{CONTAINER}\nrestype:container"
    named = (f"{name}:{value}" for name, value in headers.items())
    text = "\n".join(("PUT", *[""] * 11, *named, resource))
    digest = hmac.digest(base64.b64decode(KEY), text.encode(), "sha256")
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    address = f"{url}/{ACCOUNT}/{CONTAINER}?restype=container"
    requests.put(address, headers=headers, timeout=20).raise_for_status()
