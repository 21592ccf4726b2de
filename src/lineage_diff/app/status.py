"""One commit by itself: is every model and stage of it fresh, and what fixes those that are not."""

import os

from msgspec import Struct

from lineage_diff.app.result import Comparison, Step
from lineage_diff.lineage.policy import Fetched


class StatusRequest(Struct, frozen=True):
    """What to look at. No `rev` means the commit checked out.

    `config` is the path of the configuration inside that commit, `None` for the usual place.
    `fetch` is what is read from DVC's storage. The commit's own configuration does not turn that
    on: whoever wrote the commit could name a server in it.
    """

    repo: str | os.PathLike[str] = "."
    rev: str | None = None
    config: str | None = None
    fetch: tuple[Fetched, ...] = ()


def status_of(request: StatusRequest, step: Step = lambda _: None) -> Comparison:
    """Judge the freshness of one commit by its Git objects; the report compares it with itself.

    Everything stale is an error, unless the configuration says otherwise. Raises `InputError` as
    `compare_revisions` does.
    """
    from lineage_diff.app.evaluate import evaluate_commit, open_commit, read_lineages, result_of
    from lineage_diff.app.last_readable import with_last_readable
    from lineage_diff.history.reader import open_history
    from lineage_diff.report.report import Revision

    step("open")
    opened = open_commit(open_history(request.repo), request.rev, request.config)
    commits = {"head": opened.commit}
    (lineage,), _ = read_lineages(opened, commits, request.fetch, opened.commit, step=step)
    lineage = with_last_readable(opened.repository, opened.reader, lineage)
    step("compare")
    revision = Revision(opened.rev, opened.commit)
    return result_of(evaluate_commit(opened, lineage), opened.repository, revision, revision)
