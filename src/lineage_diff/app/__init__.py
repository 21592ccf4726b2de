"""The use cases: compare, status, lint, init, audit and MLflow tags."""
