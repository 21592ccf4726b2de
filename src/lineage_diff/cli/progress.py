"""A progress bar for work that can take seconds. It appears on a terminal only, while it runs."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lineage_diff.app import Step, StepName

STEPS: Mapping[StepName, str] = {
    "open": "Opening the repository",
    "base": "Reading the base",
    "head": "Reading the head",
    "pushed": "Asking the remote",
    "fetch": "Fetching from the storage",
    "history": "Reading the history",
    "compare": "Comparing",
    "mlflow": "Asking MLflow",
    "experiments": "Comparing the experiments",
    "rules": "Checking the rules",
    "conditions": "Checking the conditions",
    "store": "Opening the tables",
    "questions": "Asking the tables",
    "show": "Writing",
}


@contextmanager
def progress() -> Iterator[Step]:
    """Yield a callback to be called with the key of each step in `STEPS` as the step starts."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    names = list(STEPS)
    with bar:
        task = bar.add_task(STEPS["open"], total=len(names))

        def step(name: StepName) -> None:
            bar.update(task, description=STEPS[name], completed=names.index(name))

        yield step
