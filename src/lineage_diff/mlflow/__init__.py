"""Query an MLflow server and link its runs with commits."""
