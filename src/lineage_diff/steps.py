"""The steps of a command that can take seconds, for a display of its progress."""

from collections.abc import Callable
from typing import Literal

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
    "show",
]

Step = Callable[[StepName], None]
"""Called with the name of each step as it starts."""
