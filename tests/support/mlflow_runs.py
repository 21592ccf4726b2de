"""Makes runs on an MLflow server by MLflow's own client; a program, run by `MlflowServer.fill`.

Reads a list of runs from standard input: `key`, and what is not empty of `experiment`, `name`,
`tags`, `params`, `metrics` (by key the values, the latest last), `model` (its registered name, of
which the run makes the next version), `stage` and `aliases` of that version, `deleted`. Writes
the runs' ids by key.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from mlflow import MlflowClient


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
        if "model" in run:
            _version(client, run, made)
        client.set_terminated(made.info.run_id)
        if run.get("deleted"):
            client.delete_run(made.info.run_id)
    json.dump(ids, sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1])
