"""Pages of audits for a browser."""

from pathlib import Path

import pytest

from lineage_diff.app.audit.questions import Subjects, audit
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.history.reader import open_history
from lineage_diff.render.html.audit import audit_html
from tests.support.audit_repo import past_repo
from tests.support.audit_reports import two_models


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.pages import saved

    repo = past_repo(tmp_path_factory.mktemp("past") / "repo")
    subjects = Subjects(data="data.csv", since=repo.commits["good data"])
    return saved(
        repo.path.parent, audit_html(audit(AuditRequest(open_history(repo.path)), subjects))
    )


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.pages import saved

    return saved(tmp_path_factory.mktemp("two"), audit_html(two_models()))
