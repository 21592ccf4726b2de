"""The tags and params of MLflow's runs that name a commit, and those that we write."""

COMMIT_NAMES = ("dvc_commit", "mlflow.source.git.commit")
"""Tags and params that name a run's commit, the first that a run has counts: what teams that use
DVC log by themselves, and what MLflow logs when a script is run from a Git work tree."""

OURS = "lineage_diff."
"""What the names of the tags that `lineage-diff mlflow tag` writes begin with."""
