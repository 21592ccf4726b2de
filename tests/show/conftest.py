"""A real browser, and pages of audits for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.audit_repo import AuditRepo
from tests.support.audit_reports import two_models

from lineage_diff.auditing.questions import Subjects, audit
from lineage_diff.auditing.scene import AuditRequest
from lineage_diff.show.audit_html import audit_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chrome() -> "Iterator[Browser]":
    from tests.support.pages import browser

    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = AuditRepo(tmp_path_factory.mktemp("past") / "repo")
    subjects = Subjects(data="data.csv", since=repo.commits["good data"])
    return _save(
        repo.path.parent, audit_html(audit(AuditRequest(str(repo.path), None, None), subjects))
    )


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _save(tmp_path_factory.mktemp("two"), audit_html(two_models()))


def _save(folder: Path, page: str) -> Path:
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    return file
