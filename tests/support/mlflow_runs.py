"""Makes runs on an MLflow server by MLflow's own client; a program, run by `MlflowServer.fill`.

Reads a list of runs from standard input: `key`, and what is not empty of `experiment`, `name`,
`tags`, `params`, `metrics` (by key the values, the latest last), `model` (its registered name, of
which the run makes the next version), `stage` and `aliases` of that version, `datasets` (name,
digest, type of source, source, context), `logged` (the name of a logged model), `deleted`. Writes
the runs' ids by key, and the id of a logged model by that key and ` model`.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput


def _version(client: MlflowClient, run: Mapping[str, Any], made: Any) -> None:
    if not client.search_registered_models(f"name = '{run['model']}'"):
        client.create_registered_model(run["model"])
    version = client.create_model_version(
        run["model"], f"{made.info.artifact_uri}/model", made.info.run_id
    )
    if "stage" in run:
        client.transition_model_version_stage(run["model"], version.version, run["stage"])
    for alias in run.get("aliases", ()):
        client.set_registered_model_alias(run["model"], alias, version.version)


def _data(client: MlflowClient, run: Mapping[str, Any], made: Any) -> None:
    for name, digest, source_type, source, context in run.get("datasets", ()):
        tags = [InputTag("mlflow.data.context", context)] if context else []
        data = Dataset(name, digest, source_type, source)
        client.log_inputs(made.info.run_id, [DatasetInput(data, tags)])


def _logged(client: MlflowClient, run: Mapping[str, Any], made: Any) -> str:
    model = client.create_logged_model(
        made.info.experiment_id, name=run["logged"], source_run_id=made.info.run_id
    )
    client.log_outputs(made.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
    client.finalize_logged_model(model.model_id, "READY")
    return str(model.model_id)


def _main(uri: str) -> None:
    # Stages are deprecated, and in use all over.
    warnings.simplefilter("ignore")
    client = MlflowClient(uri)
    experiments = {"Default": "0"}
    ids = {}
    for run in json.load(sys.stdin):
        name = run.get("experiment", "Default")
        if name not in experiments:
            experiments[name] = client.create_experiment(name)
        made = client.create_run(
            experiments[name], tags=run.get("tags", {}), run_name=run.get("name")
        )
        ids[run["key"]] = made.info.run_id
        for key, value in run.get("params", {}).items():
            client.log_param(made.info.run_id, key, value)
        for key, values in run.get("metrics", {}).items():
            for step, value in enumerate(values):
                client.log_metric(made.info.run_id, key, float(value), step=step)
        _data(client, run, made)
        if "logged" in run:
            ids[f"{run['key']} model"] = _logged(client, run, made)
        if "model" in run:
            _version(client, run, made)
        client.set_terminated(made.info.run_id)
        if run.get("deleted"):
            client.delete_run(made.info.run_id)
    json.dump(ids, sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1])
