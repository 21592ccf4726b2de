"""The use cases: compare, status, lint, init and MLflow, each from its request to its report."""
