"""Look up commits and versions of registered models on an MLflow server."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lineage_diff.lineage.mlflow import COMMIT_NAMES, MlflowAnswer, MlflowUse, MlflowUsed
from lineage_diff.mlflow.errors import MlflowFailedError, MlflowUnavailableError
from lineage_diff.mlflow.settings import mlflow_settings

if TYPE_CHECKING:
    from lineage_diff.mlflow.client import RequestLimits


def ask_mlflow(
    commits: Iterable[str],
    references: Iterable[str] = (),
    *,
    names: Sequence[str] = COMMIT_NAMES,
    environ: Mapping[str, str] | None = None,
    bounds: "RequestLimits | None" = None,
) -> MlflowAnswer | None:
    """Query the server of `MLFLOW_TRACKING_URI`; `None` if that variable is not set.

    `commits` are full ids, the most important first: pass all in one call, because many are found
    in few requests, and time is limited. `references` are like `models:/churn/3`; `names` are the
    tags and params with a run's commit. Raises nothing: a failure of the server is in the answer's
    `unavailable`, beside the results before it.
    """
    try:
        settings = mlflow_settings(os.environ if environ is None else environ)
    except MlflowUnavailableError as error:
        return MlflowAnswer(unavailable=str(error))
    if settings is None:
        return None
    # Imported here: the HTTP client is slow to import.
    from lineage_diff.mlflow.client import MlflowClient
    from lineage_diff.mlflow.search import MlflowSearch

    search = MlflowSearch(MlflowClient(settings, bounds), settings.base, names)
    steps: tuple[Callable[[], None], ...] = (
        lambda: search.find_versions(references),
        lambda: search.find_runs(commits),
        search.find_registered,
    )
    reasons: list[str] = []
    for find in steps:
        try:
            find()
        except MlflowFailedError as error:
            reasons.append(str(error))
        except MlflowUnavailableError as error:
            reasons.append(str(error))
            break
    return search.answer(reasons[0] if reasons else None)


def ask_used(
    wanted: Collection[str],
    *,
    names: Sequence[str] = COMMIT_NAMES,
    environ: Mapping[str, str] | None = None,
    bounds: "RequestLimits | None" = None,
) -> MlflowUse | None:
    """Ask the server of `MLFLOW_TRACKING_URI` for the versions in use; `None` without a server.

    Those of the registered models that are `wanted` come first; at most `MLFLOW_USED` are looked
    up. `names` are the tags and params with a run's commit. Raises nothing: a failure is in the
    `unavailable` of the answer, beside the results before it.
    """
    try:
        settings = mlflow_settings(os.environ if environ is None else environ)
    except MlflowUnavailableError as error:
        return MlflowUse(unavailable=str(error))
    if settings is None:
        return None
    # Imported here: the HTTP client is slow to import.
    from lineage_diff.mlflow.client import MlflowClient
    from lineage_diff.mlflow.used import find_used

    found: list[MlflowUsed] = []
    try:
        for used in find_used(MlflowClient(settings, bounds), wanted, names):
            found.append(used)  # noqa: PERF402  # what was found before a failure counts
    except MlflowUnavailableError as error:
        return MlflowUse(tuple(found), str(error))
    return MlflowUse(tuple(found))
