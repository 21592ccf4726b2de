"""Compare three or more revisions, by the Git objects of one repository."""

import os

from msgspec import Struct

from lineage_diff import __version__, limits
from lineage_diff.app import Step
from lineage_diff.app.experiments.table import TableRequest, read_table
from lineage_diff.app.opened import find_commit, open_pair
from lineage_diff.app.repository_name import describe_repository
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.experiments import ComparedRevision
from lineage_diff.report.experiments_report import ExperimentsReport
from lineage_diff.report.findings import Verdict
from lineage_diff.report.report import Revision, Tool


class ExperimentsRequest(Struct, frozen=True):
    """The revisions to compare; the first is the baseline, whose configuration counts.

    `config` is the path of the configuration there, `None` for the default path. `fetch` lists what
    to read from DVC's storage, `None` for the value in the configuration.
    """

    revs: tuple[str, ...]
    repo: str | os.PathLike[str] = "."
    config: str | None = None
    fetch: tuple[Fetched, ...] | None = None


def compare_experiments(
    request: ExperimentsRequest, step: Step = lambda _: None
) -> tuple[ExperimentsReport, str]:
    """Compare the revisions; return the report and the baseline's commit.

    `step` is called with the name of each step as it starts. Raises `InputError` without a
    repository or DVC project, for an unknown revision, too many of them, and a bad configuration.
    """
    if len(request.revs) > limits.EXPERIMENTS:
        raise InputError(
            f"{len(request.revs)} revisions are over the limit of {limits.EXPERIMENTS}",
            hint="Compare fewer at once.",
        )
    step("open")
    history = open_history(request.repo)
    revisions = tuple(
        Revision(rev, find_commit(history.repository, rev, request.config))
        for rev in dict.fromkeys(request.revs)
    )
    commits = [revision.commit for revision in revisions]
    opened = open_pair(history, revisions[-1].rev, commits, commits[0], request.config)
    fetch = opened.policy.fetch if request.fetch is None else request.fetch
    table = read_table(opened, TableRequest(revisions, commits[0], fetch), step)
    report = ExperimentsReport(
        tool=Tool("lineage-diff", __version__),
        repository=describe_repository(opened.repository, opened.policy),
        verdict=_verdict(table.revisions[1:]),
        table=table,
    )
    return report, commits[0]


def _verdict(compared: tuple[ComparedRevision, ...]) -> Verdict:
    """Return the verdict on all: a failure if one of them fails, neutral if none has a stage."""
    found = {item.verdict.conclusion for item in compared}
    return Verdict(
        "failure" if "failure" in found else "success" if "success" in found else "neutral",
        sum(item.verdict.errors for item in compared),
        sum(item.verdict.warnings for item in compared),
    )
