"""The use cases: compare, status, lint, init, audit and MLflow tags."""

from collections.abc import Callable
from typing import Literal

# The steps of a command that can take seconds, for a display of its progress.
StepName = Literal[
    "open",
    "base",
    "head",
    "pushed",
    "fetch",
    "history",
    "compare",
    "mlflow",
    "experiments",
    "rules",
    "conditions",
    "store",
    "questions",
    "show",
]

Step = Callable[[StepName], None]
"""Called with the name of each step as it starts."""
