"""Check the freshness of all models and stages of one commit."""

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from lineage_diff.app import Step, StepName
from lineage_diff.app.result import Comparison
from lineage_diff.lineage.policy import Checked, Fetched

if TYPE_CHECKING:
    from lineage_diff.app.opened import Opened
    from lineage_diff.lineage.lineage import Lineage
    from lineage_diff.report.pushed import PushedOut


class StatusRequest(Struct, frozen=True):
    """The commit to check. Without `rev`, the checked-out commit.

    `config` is the path of the configuration inside that commit, `None` for the default path.
    `fetch` lists what to read from DVC's storage, `check` what to ask it for. The commit's own
    configuration cannot enable this, because its author could name a server in it. `since` is a
    commit whose versions are not looked for, because they were pushed before.
    """

    repo: str | os.PathLike[str] = "."
    rev: str | None = None
    config: str | None = None
    fetch: tuple[Fetched, ...] = ()
    check: tuple[Checked, ...] = ()
    since: str | None = None


def status_of(request: StatusRequest, step: Step = lambda _: None) -> Comparison:
    """Check the freshness of one commit by its Git objects; the report compares it with itself.

    Everything stale is an error, unless the configuration differs. Raises `InputError` as
    `compare_revisions` does.
    """
    from lineage_diff.app.evaluate import evaluate_commit, read_states, result_of
    from lineage_diff.app.last_readable import adopt_last_readable
    from lineage_diff.app.opened import open_commit
    from lineage_diff.app.repository_name import describe_repository
    from lineage_diff.history.reader import open_history
    from lineage_diff.report.report import Revision

    step("open")
    opened = open_commit(open_history(request.repo), request.rev, request.config)
    commits: dict[StepName, str] = {"head": opened.commit}
    (state,), _ = read_states(opened, commits, request.fetch, opened.commit, step=step)
    state = adopt_last_readable(opened.repository, opened.reader, state)
    pushed: tuple[PushedOut, ...] = ()
    if "pushed" in request.check:
        from lineage_diff.app.pushed import find_pushed

        step("pushed")
        before = _lineage_before(opened, request.since)
        pushed = find_pushed(opened, before, state, opened.commit)
    step("compare")
    # What asks the server is not even loaded without one.
    has_server = "MLFLOW_TRACKING_URI" in os.environ
    evaluated = evaluate_commit(opened, state, pushed=pushed, ask_mlflow=has_server)
    revision = Revision(opened.rev, opened.commit)
    named = describe_repository(opened.repository, opened.policy)
    return result_of(evaluated, named, revision, revision)


def _lineage_before(opened: "Opened", since: str | None) -> "Lineage | None":
    """Read the commit whose versions were pushed before; `None` if the clone lacks it."""
    from lineage_diff.errors import InputError

    try:
        return None if since is None else opened.reader.read(opened.repository.resolve(since))
    except InputError:
        return None
