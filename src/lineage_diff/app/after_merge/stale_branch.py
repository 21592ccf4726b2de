"""Check the tip of a branch by itself: what is stale, since which commits, and whom to ask."""

from pathlib import Path

from msgspec.structs import replace

from lineage_diff.app import StepName
from lineage_diff.app.evaluate import evaluate_commit, read_states, result_of
from lineage_diff.app.last_readable import adopt_last_readable
from lineage_diff.app.opened import open_commit
from lineage_diff.app.owners.cards import cards_of
from lineage_diff.app.repository_name import describe_repository
from lineage_diff.history.changed_since import last_run
from lineage_diff.history.reader import open_history
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.after_merge.stale_branch import StaleBranch
from lineage_diff.report.report import Revision


def stale_branch(
    repository: Path,
    commit: str,
    config: str | None,
    fetch: tuple[Fetched, ...] | None,
    checkout: Path,
) -> StaleBranch:
    """Check a commit of a trusted branch with its own configuration.

    `fetch` lists what to read from the storage that the commit names, `None` for the value in its
    configuration, with the cache of the `checkout`. Raises `InputError` as `status_of` does.
    """
    opened = open_commit(open_history(repository), commit, config)
    fetch = opened.policy.fetch if fetch is None else fetch
    commits: dict[StepName, str] = {"head": opened.commit}
    (state,), _ = read_states(opened, commits, fetch, opened.commit, checkout)
    state = adopt_last_readable(opened.repository, opened.reader, state)
    evaluated = evaluate_commit(opened, state)
    revision = Revision(opened.rev, opened.commit)
    named = describe_repository(opened.repository, opened.policy)
    result = result_of(evaluated, named, revision, revision)
    report = result.report
    stale = [model for model in report.models if model.freshness == "stale"]
    cards = cards_of(stale, state.lineage, opened.files, opened.policy)
    runs = {
        stage.name: last_run(stage.reasons) for stage in report.stages if stage.freshness == "stale"
    }
    since = opened.history.changes_since(opened.commit, runs)
    return StaleBranch(replace(report, cards=cards), since, bool(result.unreadable))
