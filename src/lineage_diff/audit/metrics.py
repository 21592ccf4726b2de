"""The metrics of a model at one commit, and the changes of one metric over many."""

from collections.abc import Iterable, Mapping

from lineage_diff.diff.metrics import metrics_of_stages
from lineage_diff.diff.stages import pair_stages
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.report.answers import HistoryStep, MetricValue
from lineage_diff.report.change import Side


def metric_values(files: Iterable[ValuesFile]) -> tuple[MetricValue, ...]:
    """Return the numbers in metrics files, sorted by file and key."""
    return tuple(
        MetricValue(file.path, key, value)
        for file in sorted({file.path: file for file in files}.values(), key=lambda file: file.path)
        for key, value in values_by_key(file).items()
        if isinstance(value, int | float)
    )


def metrics_files_by_model(
    lineage: Lineage, models: Mapping[str, Model]
) -> Mapping[str, tuple[str, ...]]:
    """Return the metrics files that measure each model of a stage, by the model's path."""
    pairs = pair_stages(lineage.stages, lineage.stages)
    stages = {path: model.made.stage.id for path, model in models.items() if model.made}
    found = metrics_of_stages(
        pairs,
        build_graph(lineage.stages),
        frozenset(lineage.metrics),
        frozenset(stages.values()),
    )
    return {path: found.get(stage, ()) for path, stage in stages.items()}


def metric_steps(
    path: str,
    key: str,
    over_time: Iterable[tuple[CommitInfo, ValuesFile | None]],
    caused: Mapping[str, HistoryStep],
    complete: bool,
) -> tuple[HistoryStep, ...]:
    """Return the steps in which a metric changed, newest first.

    `over_time` is the content of its file after each commit that changed it, newest first;
    `caused` are the steps of the measured model, by commit, from which the causes are copied.
    """
    steps: list[HistoryStep] = []
    before: object = None
    for number, (info, file) in enumerate(reversed(list(over_time))):
        values = {item.key: item.value for item in metric_values([file] if file else [])}
        value = values.get(key)
        if value == before:
            continue
        known = caused.get(info.id)
        change = "added" if before is None else "removed" if value is None else "changed"
        steps.append(
            HistoryStep(
                None if number == 0 and not complete else info,
                path,
                change,  # type: ignore[arg-type]
                known.stage if known is not None else None,
                Side(None),
                Side(None),
                known.causes if known is not None and before is not None else (),
                old_value=before,
                value=value,
            )
        )
        before = value
    return tuple(reversed(steps))
