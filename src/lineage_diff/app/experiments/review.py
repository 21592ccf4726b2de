"""Put the experiments that began at a commit of a change into its report."""

import os
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.app import Step
from lineage_diff.app.experiments.table import TableRequest, read_table
from lineage_diff.app.opened import Opened, open_pair
from lineage_diff.dvc.experiments import (
    ExperimentRef,
    FoundExperiments,
    branch_tips,
    promoted,
    read_experiments,
)
from lineage_diff.history.reader import open_history
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.change import Unknown
from lineage_diff.report.experiments import ExperimentTable
from lineage_diff.report.report import Revision

SUBJECT = "experiments"


class Reviewed(Struct, frozen=True):
    """The table of a change's experiments, `None` if there are none, and what is unknown."""

    table: ExperimentTable | None = None
    unknowns: tuple[Unknown, ...] = ()


class ReviewRequest(Struct, frozen=True):
    """A change and its experiments: `found`, or without it those of the repository itself.

    `fetch`, `checkout` and the `tip`, whose configuration and remotes count, are as for the change.
    """

    base: Revision
    tip: str
    found: FoundExperiments | None = None
    fetch: tuple[Fetched, ...] = ()
    checkout: str | os.PathLike[str] | None = None


def review_experiments(opened: Opened, request: ReviewRequest, step: Step) -> Reviewed:
    """Compare the base, the head and the experiments of the change in one table.

    Experiments beyond `REVIEWED_EXPERIMENTS`, by name, are counted. One that cannot be read is
    listed as unknown.
    """
    step("experiments")
    base, head = request.base, Revision(opened.rev, opened.commit)
    found = request.found or FoundExperiments(read_experiments(opened.repository))
    unknowns = () if found.unknown is None else (Unknown(SUBJECT, found.unknown),)
    commits = frozenset(opened.repository.commits_between(base.commit, head.commit))
    chosen: Sequence[ExperimentRef] = [item for item in found.experiments if item.base in commits]
    if not chosen:
        return Reviewed(None, unknowns)
    kept = commits.union(branch_tips(opened.repository))
    if found.folder is not None:
        history, ids = open_history(found.folder), [item.commit for item in chosen]
        opened = open_pair(history, opened.rev, (*ids, head.commit), request.tip, opened.config)
    if opened.policy.experiments == "promoted":
        chosen = promoted(opened.repository, chosen, base.commit, head.commit, kept)
    shown = chosen[: limits.REVIEWED_EXPERIMENTS]
    if not shown:
        return Reviewed(None, unknowns)
    table = TableRequest(
        (base, head, *_named(shown)),
        request.tip,
        request.fetch,
        request.checkout,
        len(chosen) - len(shown),
        lenient=True,
        leading=2,
    )
    return Reviewed(read_table(opened, table, step), unknowns)


def _named(experiments: Sequence[ExperimentRef]) -> list[Revision]:
    """Return the experiments as revisions; those of one name have their base in it."""
    names = Counter(item.name for item in experiments)
    return [
        Revision(
            item.name if names[item.name] == 1 else f"{item.name} ({item.base[:7]})", item.commit
        )
        for item in experiments
    ]
