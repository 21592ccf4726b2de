"""The JSON messages of MLflow's REST API, with the fields that are read.

Messages of `mlflow/protos/service.proto` and `model_registry.proto` in protobuf's JSON mapping
with original field names: a double without a JSON number is text (`"NaN"`).
"""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlsplit

import msgspec

from lineage_diff.lineage.mlflow import OURS, MlflowDataset, MlflowModelVersion, MlflowRun

# Keys of `to_dict` of the sources in `mlflow.data`.
_ADDRESSES = ("uri", "url", "path", "delta_table_name", "table_name")


class ErrorAnswer(msgspec.Struct):
    """The answer with an error status."""

    error_code: str


class EmptyAnswer(msgspec.Struct):
    """The answer to a write."""


class KeyValue(msgspec.Struct):
    """A `Param` or `RunTag`."""

    key: str
    value: str = ""


class Metric(msgspec.Struct):
    """The latest value of a metric."""

    key: str
    value: float | str | None = None


class RunInfo(msgspec.Struct):
    """A run without its logged data. Servers before 2.0 keep the name in a tag."""

    run_id: str
    experiment_id: str
    run_name: str = ""
    status: str = ""
    start_time: int | str | None = None


class RunData(msgspec.Struct):
    """The logged data of a run."""

    metrics: list[Metric] = []
    params: list[KeyValue] = []
    tags: list[KeyValue] = []


class Dataset(msgspec.Struct):
    """A logged dataset. `source` is JSON, whose keys depend on the type of source."""

    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""


class DatasetInput(msgspec.Struct):
    """A dataset that a run used, with tags."""

    dataset: Dataset
    tags: list[KeyValue] = []


class RunInputs(msgspec.Struct):
    """The logged inputs of a run."""

    dataset_inputs: list[DatasetInput] = []


class ModelOutput(msgspec.Struct):
    """A logged model that a run made. Only MLflow 3 has them."""

    model_id: str = ""


class RunOutputs(msgspec.Struct):
    """The logged models of a run."""

    model_outputs: list[ModelOutput] = []


class RunRecord(msgspec.Struct):
    """A run: `info`, `data`, `inputs` and `outputs`."""

    info: RunInfo
    data: RunData = msgspec.field(default_factory=RunData)
    inputs: RunInputs = msgspec.field(default_factory=RunInputs)
    outputs: RunOutputs = msgspec.field(default_factory=RunOutputs)


class RunAnswer(msgspec.Struct):
    """The answer of `runs/get`."""

    run: RunRecord


class RunsPage(msgspec.Struct):
    """The answer of `runs/search`."""

    runs: list[RunRecord] = []
    next_page_token: str = ""


class Experiment(msgspec.Struct):
    """An experiment's id and name."""

    experiment_id: str
    name: str


class ExperimentAnswer(msgspec.Struct):
    """The answer of `experiments/get`."""

    experiment: Experiment


class ExperimentsPage(msgspec.Struct):
    """The answer of `experiments/search`."""

    experiments: list[Experiment] = []
    next_page_token: str = ""


class ModelVersion(msgspec.Struct):
    """A version of a registered model."""

    name: str
    version: str | int
    current_stage: str = ""
    source: str = ""
    run_id: str = ""
    aliases: list[str] = []


class VersionAnswer(msgspec.Struct):
    """The answer of `model-versions/get` and `registered-models/alias`."""

    model_version: ModelVersion


class VersionsPage(msgspec.Struct):
    """The answer of `model-versions/search` and `registered-models/get-latest-versions`."""

    model_versions: list[ModelVersion] = []
    next_page_token: str = ""


class LoggedModelInfo(msgspec.Struct):
    """A logged model. `source_run_id` is the run that made it."""

    model_id: str
    name: str = ""
    source_run_id: str = ""
    artifact_uri: str = ""


class LoggedModel(msgspec.Struct):
    """A logged model without its data."""

    info: LoggedModelInfo


class LoggedModelAnswer(msgspec.Struct):
    """The answer of `logged-models/ID`."""

    model: LoggedModel


class Alias(msgspec.Struct):
    """A name for one version of a registered model."""

    alias: str
    version: str | int


class RegisteredModel(msgspec.Struct):
    """A registered model."""

    name: str
    aliases: list[Alias] = []
    latest_versions: list[ModelVersion] = []


class RegisteredAnswer(msgspec.Struct):
    """The answer of `registered-models/get`."""

    registered_model: RegisteredModel


class RegisteredPage(msgspec.Struct):
    """The answer of `registered-models/search`."""

    registered_models: list[RegisteredModel] = []
    next_page_token: str = ""


def commit_of(run: RunRecord, names: Sequence[str]) -> str | None:
    """Return a run's commit, from the first of `names` that it has, a tag before a param."""
    return commit_and_name(run, names)[0]


def commit_and_name(run: RunRecord, names: Sequence[str]) -> tuple[str | None, str | None]:
    """Return a run's commit, and the tag or param that names it."""
    tags = {tag.key: tag.value for tag in run.data.tags}
    params = {param.key: param.value for param in run.data.params}
    for name in names:
        for values in (tags, params):
            commit = values.get(name, "").strip().lower()
            if commit:
                return commit, name
    return None, None


def metrics_of(run: RunRecord) -> dict[str, float]:
    """Return the latest value of each metric that is a number."""
    numbers = ((metric.key, _number(metric.value)) for metric in run.data.metrics)
    return {key: number for key, number in numbers if number is not None}


def as_run(
    run: RunRecord,
    *,
    commit: str | None,
    experiment: str | None,
    versions: Sequence[MlflowModelVersion],
    base: str,
) -> MlflowRun:
    """Convert a run; `base` is the server's address, without credentials."""
    info, data = run.info, run.data
    tags = {tag.key: tag.value for tag in data.tags}
    metrics = metrics_of(run)
    return MlflowRun(
        run_id=info.run_id,
        experiment_id=info.experiment_id,
        experiment=experiment,
        name=info.run_name or tags.get("mlflow.runName") or None,
        status=info.status or None,
        started=_whole(info.start_time),
        commit=commit,
        metrics=dict(sorted(metrics.items())),
        params=dict(sorted((param.key, param.value) for param in data.params)),
        versions=tuple(versions),
        datasets=tuple(sorted({_as_dataset(item) for item in run.inputs.dataset_inputs})),
        logged_models=tuple(
            sorted({item.model_id for item in run.outputs.model_outputs if item.model_id})
        ),
        tags={key: tags[key] for key in sorted(tags) if key.startswith(OURS)},
        link=f"{base}/#/experiments/{_part(info.experiment_id)}/runs/{_part(info.run_id)}",
    )


def _as_dataset(item: DatasetInput) -> MlflowDataset:
    tags = {tag.key: tag.value for tag in item.tags}
    return MlflowDataset(
        item.dataset.name,
        item.dataset.digest,
        _address_of(item.dataset),
        tags.get("mlflow.data.context", ""),
    )


def _address_of(dataset: Dataset) -> str:
    """Return the address in a dataset's source, else the type of source."""
    try:
        source = msgspec.json.decode(dataset.source)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        source = None
    found = source if isinstance(source, dict) else {}
    addresses = (found.get(key) for key in _ADDRESSES)
    text = next((text for text in addresses if isinstance(text, str) and text), "")
    return _without_credentials(text) or dataset.source_type


def as_version(version: ModelVersion, aliases: Iterable[Alias] = ()) -> MlflowModelVersion:
    """Convert a version; `aliases` are its model's, which searches leave out."""
    own = {item.alias for item in aliases if str(item.version) == str(version.version)}
    return MlflowModelVersion(
        name=version.name,
        version=str(version.version),
        stage=version.current_stage if version.current_stage not in ("", "None") else None,
        aliases=tuple(sorted(own.union(version.aliases))),
        run_id=version.run_id or None,
        source=_without_credentials(version.source),
    )


def _number(value: float | str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _whole(value: int | str | None) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _part(text: str) -> str:
    return quote(text, safe="")


def _without_credentials(source: str) -> str | None:
    """Remove user, password and a signed query from an artifact's address."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    if not parts.scheme:
        return source or None
    host = parts.netloc.rpartition("@")[2]
    # `mlflow-artifacts:/1/…` and `models:/m-…` have no host, and no slashes for one.
    return f"{parts.scheme}:{f'//{host}' if '://' in source else ''}{parts.path}"
