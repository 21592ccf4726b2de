"""Estimate how much a metric differs from run to run, by its values in the history.

The spread is a multiple of the median absolute difference of neighbouring values, which a few real
improvements do not change. For normal noise the deviation of such a difference is 1.4826 times its
median absolute value. The factors below were chosen by simulation: with 10 values or more, at most
1 % of unchanged metrics fall out of the spread (tests/history/test_metric_noise.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, Protocol

from lineage_diff import limits
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.report.change import MetricNoise
from lineage_diff.report.value_text import is_number

FEWEST = 10
"""Values from which a spread is estimated: of fewer, the median says too little."""

_DEVIATION = 1.4826
_MANY = 20
_OF_FEW, _OF_MANY = 3.5, 3.0


class MetricHistory(Protocol):
    """The history of values files."""

    def recent_values(
        self, commit: str, paths: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[CommitInfo, ValuesFile | None]]]:
        """Return values files, by path, after each recent commit that changed it, newest first.

        Files whose history cannot be read are left out.
        """


def spread_of(values: Sequence[float]) -> float | None:
    """Return the spread of values in the order of their runs; `None` for too few of them.

    Zero if at least half of the neighbouring values are equal.
    """
    if len(values) < FEWEST:
        return None
    apart = [abs(new - old) for old, new in pairwise(values)]
    factor = _OF_MANY if len(values) >= _MANY else _OF_FEW
    return factor * _DEVIATION * median(apart)


def metric_noise(
    history: MetricHistory, commit: str, asked: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], MetricNoise]:
    """Return the noise of metrics up to a commit, by file and key.

    Files beyond `NOISE_FILES` are not looked up, nor those whose history Git cannot read.
    """
    by_file: dict[str, list[str]] = {}
    for file, key in sorted(set(asked)):
        by_file.setdefault(file, []).append(key)
    found: dict[tuple[str, str], MetricNoise] = {}
    files = sorted(by_file)[: limits.NOISE_FILES]
    for file, past in history.recent_values(commit, files).items():
        runs = [values_by_key(values) for _, values in reversed(past) if values is not None]
        for key in by_file[file]:
            numbers = [run[key] for run in runs if _is_number(run.get(key))]
            found[file, key] = MetricNoise(spread_of(numbers), len(numbers))
    return found


def _is_number(value: Any) -> bool:
    return is_number(value) and abs(value) <= limits.NOISE_LARGEST
