"""Find the versions of registered models that have an alias, or a stage on older servers."""

from collections.abc import Collection, Iterator, Sequence

from lineage_diff import limits
from lineage_diff.lineage.mlflow import CHECKED_OUT, OURS, MlflowUsed
from lineage_diff.mlflow import messages as wire
from lineage_diff.mlflow.client import MlflowClient
from lineage_diff.mlflow.errors import (
    TOO_MANY_USED,
    MlflowUnavailableError,
    MlflowUnknownError,
)

_NAMES = 1000
# A version in `Archived` is not in use (`mlflow.entities.model_registry.model_version_stages`).
_STAGES = ("Staging", "Production")

_Labels = dict[tuple[str, str], list[str]]


def find_used(
    client: MlflowClient, wanted: Collection[str], names: Sequence[str]
) -> Iterator[MlflowUsed]:
    """Yield the versions in use, those of the `wanted` registered models first.

    Raises `MlflowUnavailableError`, also if there are more than `MLFLOW_USED`.
    """
    labels: _Labels = {}
    known: dict[tuple[str, str], wire.ModelVersion] = {}
    for model in _registered(client):
        for alias in model.aliases:
            labels.setdefault((model.name, str(alias.version)), []).append(alias.alias)
        for version in model.latest_versions:
            known[model.name, str(version.version)] = version
            if version.current_stage in _STAGES:
                key = model.name, str(version.version)
                labels.setdefault(key, []).append(version.current_stage)
    keys = sorted(labels, key=lambda key: (key[0] not in wanted, key[0], len(key[1]), key[1]))
    runs: dict[str, wire.RunRecord | None] = {}
    for key in keys[: limits.MLFLOW_USED]:
        made_by = known[key] if key in known else _version(client, *key)
        run = None if made_by is None else _run(client, made_by.run_id, runs)
        yield _as_used(key, labels[key], run, names)
    if len(keys) > limits.MLFLOW_USED:
        raise MlflowUnavailableError(TOO_MANY_USED)


def _registered(client: MlflowClient) -> Iterator[wire.RegisteredModel]:
    token = ""
    for _ in range(limits.MLFLOW_PAGES):
        query = {"max_results": str(_NAMES), **({"page_token": token} if token else {})}
        page = client.get("registered-models/search", query, wire.RegisteredPage)
        yield from page.registered_models
        token = page.next_page_token
        if not token:
            return


def _version(client: MlflowClient, name: str, version: str) -> wire.ModelVersion | None:
    query = {"name": name, "version": version}
    try:
        return client.get("model-versions/get", query, wire.VersionAnswer).model_version
    except MlflowUnknownError:
        # It was deleted in the meantime.
        return None


def _run(
    client: MlflowClient, run_id: str, runs: dict[str, wire.RunRecord | None]
) -> wire.RunRecord | None:
    if run_id and run_id not in runs:
        try:
            runs[run_id] = client.get("runs/get", {"run_id": run_id}, wire.RunAnswer).run
        except MlflowUnknownError:
            # The run was permanently deleted, but its version still exists.
            runs[run_id] = None
    return runs.get(run_id)


def _as_used(
    key: tuple[str, str], labels: Sequence[str], run: wire.RunRecord | None, names: Sequence[str]
) -> MlflowUsed:
    if run is None:
        return MlflowUsed(*key, tuple(sorted(labels)))
    model = next((tag.value for tag in run.data.tags if tag.key == f"{OURS}model"), None)
    commit, name = wire.commit_and_name(run, names)
    return MlflowUsed(
        *key, tuple(sorted(labels)), commit, model, name == CHECKED_OUT, wire.metrics_of(run)
    )
