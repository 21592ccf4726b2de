"""Fixtures that the tests of every folder use, and the tier of each test."""

import gc
import logging
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.groups import GroupScheduling, in_order
from tests.support.git_repo import GitRepo
from tests.tiers import TIERS, tiers_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer

    from tests.support.dvc_repo import DvcShell
    from tests.support.github import GitHubServer

HAS_BROWSERS = find_spec("playwright") is not None

# How fast a machine makes examples says nothing of what is tested.
settings.register_profile(
    "any machine", suppress_health_check=[HealthCheck.too_slow], deadline=None
)
settings.register_profile(
    "fast", max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None
)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast", action="store_true", help="only tests of no tier; the others are not even read"
    )
    parser.addoption(
        "--no-skips", action="store_true", help="fail if a test was skipped or left out"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--fast`, leave out the modules of a tier: to import what they need takes long.

    Without Playwright, leave out those that need a browser: the rest of their folder still runs.
    """
    if not (collection_path.name.startswith("test_") and collection_path.suffix == ".py"):
        return None
    tiers = tiers_of(collection_path, set())
    is_slow = config.getoption("--fast") and bool(tiers)
    return True if is_slow or ("browser" in tiers and not HAS_BROWSERS) else None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With `--no-skips`, a run in which a test was skipped fails. CI installs what each needs."""
    # A worker has no reporter: the main process gets the reports of all.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or exitstatus != pytest.ExitCode.OK:
        return
    if session.config.getoption("--no-skips") and (not HAS_BROWSERS or _skipped(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HAS_BROWSERS:
        terminalreporter.write_line("Playwright is missing: tests with a browser were left out.")
    skipped = _skipped(terminalreporter)
    if skipped and terminalreporter.config.getoption("--no-skips"):
        terminalreporter.write_line(f"Failed by --no-skips: {skipped} skipped.", red=True)


def _skipped(reporter: pytest.TerminalReporter) -> int:
    """Return how many tests and modules were skipped, or failed as expected."""
    return sum(len(reporter.stats.get(outcome, ())) for outcome in ("skipped", "xfailed"))


def pytest_configure(config: pytest.Config) -> None:
    for name in TIERS:
        config.addinivalue_line("markers", f"{name}: see tests/README.md")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for name in sorted(tiers_of(item.path, set(getattr(item, "fixturenames", ())))):
            item.add_marker(name)
    if config.getoption("--fast"):
        slow = {item for item in items if any(item.get_closest_marker(name) for name in TIERS)}
        config.hook.pytest_deselected(items=list(slow))
        items[:] = [item for item in items if item not in slow]
    if hasattr(config, "workerinput"):
        items[:] = in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> GroupScheduling:
    return GroupScheduling(config, log)


def pytest_runtest_logfinish() -> None:
    """Give DVC's log a stream that stays: it keeps that of the test that loads DVC first.

    DVC raises where it cannot write, so a later test would end there.
    """
    if "dvc.logger" in sys.modules:
        for name in ("dvc", "dvc_objects", "dvc_data"):
            for handler in logging.getLogger(name).handlers:
                if isinstance(handler, logging.StreamHandler):
                    handler.stream = sys.__stderr__


def pytest_collection() -> None:
    # All that is imported stays: to search it for garbage again and again takes long.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def git_repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


@pytest.fixture(scope="session")
def shell() -> "Iterator[DvcShell]":
    """A process of the real DVC: one for all tests, since it takes long to start."""
    from tests.support.dvc_repo import DvcShell

    shell = DvcShell()
    yield shell
    shell.close()


@pytest.fixture(scope="session")
def chrome() -> "Iterator[Browser]":
    """The Chromium of this machine. Playwright starts no second one beside it."""
    # Not every machine has a browser.
    from tests.support.pages import browser

    with browser() as started:
        yield started


@pytest.fixture(params=["github.com", "enterprise"])
def github(request: pytest.FixtureRequest) -> "Iterator[GitHubServer]":
    """The stand-in for GitHub, and for an Enterprise Server: each test runs with both.

    Holds the test to no violation of GitHub's API description. One of the two is chosen by
    `@pytest.mark.parametrize("github", ["github.com"], indirect=True)`."""
    # Only the tests of the Action need it, and it takes a while to import.
    from tests.support.github import GitHubServer
    from tests.support.github.openapi import OUT_OF_REACH

    if OUT_OF_REACH:
        pytest.skip(OUT_OF_REACH)
    with GitHubServer(enterprise=request.param == "enterprise") as server:
        yield server
        assert not server.violations, "\n".join(server.violations)
