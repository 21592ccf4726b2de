"""Real pages in a real Chromium, without a window: their elements after their scripts ran."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# How much of a page's own time may pass, in milliseconds; what is idle of it is skipped.
BUDGET = 60_000
SECONDS = 120.0


@cache
def chromium() -> str | None:
    """Return the path of the browser on this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


needs_chromium = pytest.mark.skipif(
    chromium() is None, reason="no Chromium on this machine; scripts/browser installs it as root"
)


def dump(page: Path, *, width: int = 812, height: int = 2000, budget: int = BUDGET) -> str:
    """Return a page's HTML as it is once its scripts have run."""
    return _run(page, width, height, budget, "--dump-dom").decode()


def screenshot(
    page: Path, image: Path, *, width: int = 812, height: int = 2000, budget: int = BUDGET
) -> None:
    """Write what a page looks like as PNG."""
    _run(page, width, height, budget, f"--screenshot={image}", "--hide-scrollbars")


def _run(page: Path, width: int, height: int, budget: int, *options: str) -> bytes:
    program = chromium()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        done = subprocess.run(
            [
                program,
                "--headless",
                "--disable-gpu",
                "--no-first-run",
                "--allow-file-access-from-files",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--virtual-time-budget={budget}",
                # Its sandbox needs what containers and root do not have; the pages are our own.
                "--no-sandbox",
                *options,
                page.absolute().as_uri(),
            ],
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={**os.environ, "HOME": profile},
        )
    return done.stdout
