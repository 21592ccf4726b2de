"""Who in other repositories uses what a change touches: asked of the organization's tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from threading import Thread

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.app.organization.answers import StoreRequest, open_snapshot
from lineage_diff.errors import InputError
from lineage_diff.report.change import ElsewhereUse, Unknown, UsedElsewhere
from lineage_diff.report.organization.answers import AffectedModel
from lineage_diff.report.report import Report

SUBJECT = "organization"


class ElsewhereAnswer(Struct, frozen=True):
    """The answer: `None` if nothing was asked, or it is unknown."""

    found: UsedElsewhere | None = None
    unknowns: tuple[Unknown, ...] = ()


def ask_elsewhere(url: str, repository: str | None, report: Report) -> ElsewhereAnswer:
    """Return who imports the data and models that a change touches, and what was made from them.

    `repository` is the key of this one. Whatever fails, or takes too long, is unknown: a report is
    complete without the answer.
    """
    paths = changed_paths(report)
    if not paths:
        return ElsewhereAnswer()
    if repository is None:
        return _unknown("this repository has no address by which others would import from it")
    if len(paths) > limits.ELSEWHERE_PATHS:
        return _unknown(f"the change touches {len(paths):,} paths, too many to ask for")
    holder = [_unknown(f"the tables did not answer within {limits.ELSEWHERE_SECONDS:.0f} seconds")]

    def ask() -> None:
        try:
            holder[0] = ElsewhereAnswer(_ask(url, repository, paths))
        except InputError as error:
            holder[0] = _unknown(f"the tables cannot be asked: {error.message}")
        except Exception as error:
            holder[0] = _unknown(f"the tables cannot be asked: {type(error).__name__}")

    # The engine has no deadline of its own; the process does not wait for this thread at its end.
    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(limits.ELSEWHERE_SECONDS)
    return holder[0]


def _unknown(reason: str) -> ElsewhereAnswer:
    return ElsewhereAnswer(unknowns=(Unknown(SUBJECT, reason),))


def changed_paths(report: Report) -> tuple[str, ...]:
    """Return the data and models that a change touches, by their paths at the base."""
    data = {item.path for item in report.data if item.change != "added"}
    models = {
        model.renamed_from or model.path
        for model in report.models
        if model.change != "added" and (model.affected or model.change != "unchanged")
    }
    return tuple(sorted(data | models))


def _ask(url: str, repository: str, paths: Sequence[str]) -> UsedElsewhere:
    # Imported late: this needs the extra.
    from lineage_diff.organization.answers.impact import find_impact
    from lineage_diff.organization.answers.subject import any_version

    snapshot = open_snapshot(StoreRequest(url))
    answer = find_impact(snapshot, any_version(repository, paths))
    others = [model for model in answer.impact.models if model.repository != repository]
    certain = [model for model in others if model.certain]
    state = snapshot.state()
    return UsedElsewhere(
        tuple(_uses(certain)),
        len(others) - len(certain),
        len(answer.unknowns),
        state.version,
        state.time,
    )


def _uses(models: Iterable[AffectedModel]) -> Iterator[ElsewhereUse]:
    """Yield the use of each repository; the models are sorted by repository."""
    for name, models_there in groupby(models, attrgetter("repository")):
        found = tuple(models_there)
        stages = sorted({stage for model in found for stage in model.stages})
        in_use = sum(1 for model in found if model.stages)
        yield ElsewhereUse(name, len(found), in_use, tuple(stages))
