"""Resolve an MLflow model version, `models:/churn/3`, to its commit and model."""

import os
from collections.abc import Mapping, Sequence

from lineage_diff.app.names import near
from lineage_diff.errors import InputError
from lineage_diff.lineage.mlflow import OURS
from lineage_diff.mlflow.lookup import ask_mlflow
from lineage_diff.mlflow.references import model_reference


def mlflow_commit(
    text: str, names: Sequence[str], environ: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Return the commit of the run that made a version, and the name or path of its model.

    `names` are the tags and params with the commit of a run. The commit may be abbreviated. The
    model comes from the tag of `lineage-diff mlflow tag`, else it is the registered name. Raises
    `InputError` if the server does not know the version or its commit.
    """
    reference = model_reference(text)
    if reference is None:
        raise InputError(
            f"{text} names no version of a registered model",
            hint="Write models:/NAME/VERSION, models:/NAME@ALIAS or models:/NAME/STAGE.",
        )
    answer = ask_mlflow(
        (), (text,), names=names, environ=os.environ if environ is None else environ
    )
    if answer is None:
        raise InputError(
            f"no MLflow server to ask for {text}",
            hint="Set MLFLOW_TRACKING_URI, and MLflow's own variables to log in.",
        )
    version, run = answer.versions.get(text), answer.origins.get(text)
    if version is None:
        if answer.unavailable is not None:
            raise InputError(
                f"MLflow cannot resolve {text}: {answer.unavailable}",
                hint="Try again, or name the model by its path and --rev.",
            )
        hint = near(reference.name, answer.names, "The server has no registered model.")
        raise InputError(f"MLflow knows no {text}", hint=hint)
    if run is None or run.commit is None:
        raise InputError(
            f"the run that made {text} names no commit",
            hint=f"Log one of {', '.join(names)} in your runs, or name the model by its path.",
        )
    return run.commit, run.tags.get(f"{OURS}model", version.name)
