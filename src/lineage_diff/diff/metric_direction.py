"""Find the direction of a metric, and whether it changed by more than runs differ by chance.

The first matching pattern of the policy decides: a glob on the key, on `file:key`, or on the key's
last part. Otherwise common metric names decide, as whole words in the key's last two parts. If
none matches, the direction is unknown.
"""

import math
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from sys import float_info
from typing import Any

from lineage_diff.lineage.policy import Better, MetricPolicy, Policy
from lineage_diff.report.change import Change, MetricAttribution, ValueChange, same_value
from lineage_diff.report.value_text import is_number

HIGHER = frozenset(
    {"accuracy", "acc", "auc", "auroc", "auprc", "f1", "fbeta", "precision", "recall", "r2"}
    | {"score", "map", "ndcg", "mrr", "iou", "dice", "bleu", "rouge", "kappa", "mcc", "ap"}
    | {"sensitivity", "specificity", "hit", "hits", "gini", "jaccard", "likelihood"}
)
LOWER = frozenset(
    {"loss", "error", "err", "mae", "mse", "rmse", "rmsle", "mape", "smape", "logloss", "brier"}
    | {"perplexity", "ppl", "wer", "cer", "fid", "deviance", "residual", "rmspe"}
)
CLOCKS = frozenset(
    {"time", "times", "timestamp", "seconds", "sec", "secs", "minutes", "hours", "duration"}
    | {"elapsed", "runtime", "walltime", "latency", "throughput", "date", "datetime", "timing"}
    | {"memory", "mem", "rss", "cpu", "gpu", "ms"}
)
# Relative error of single-precision sums in another order.
_ROUNDING = 1e-6
SHARE = 0.001
"""The tolerated loss, as a share of the old value, of a metric whose noise is not known."""
_LOWER_PAIRS = ({"log", "loss"}, {"cross", "entropy"}, {"crossentropy"})
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d?|[A-Z]+\d?|\d+")
_PARTS = 2


def direction(file: str, key: str, policy: Policy) -> tuple[Better | None, MetricPolicy | None]:
    """Return the better direction, `None` if unknown, and the policy's entry for the metric."""
    last = key.rpartition(".")[2]
    entry: MetricPolicy | None = None
    for item in policy.metrics:
        if any(fnmatchcase(name, item.pattern) for name in (key, f"{file}:{key}", last)):
            entry = item
            break
    if entry is not None and entry.better is not None:
        return entry.better, entry
    return _known_direction(key), entry


def _known_direction(key: str) -> Better | None:
    for part in reversed(key.split(".")[-_PARTS:]):
        words = {word.lower() for word in _WORDS.findall(part)}
        lower, higher = words & LOWER, words & HIGHER
        # Cross entropy is a loss; the entropy of recommendations or clusters is not.
        if any(words >= pair for pair in _LOWER_PAIRS) or (lower and not higher):
            return "lower"
        if higher:
            return None if lower else "higher"
    return None


def assess(file: str, key: str, old: Any, new: Any, policy: Policy) -> tuple[bool | None, bool]:
    """Return whether the metric got better (`None` if unknown), and whether worse is tolerated.

    A number that became NaN, infinite or no number got worse, by more than any tolerance.
    """
    if not is_number(old) or same_value(old, new):
        return None, False
    way, entry = direction(file, key, policy)
    if way is None:
        return None, False
    if not is_number(new):
        return False, False
    if (new > old) == (way == "higher"):
        return True, False
    own = _own_tolerance(old, entry)
    return False, within(old, new, None) if own is None else _at_most(own, old, new)


def is_noise(file: str, key: str, old: Any, new: Any, policy: Policy) -> bool:
    """Whether runs on the same inputs may well differ this much.

    True for a text, a time or memory use, a floating-point rounding error, or a tolerated change.
    """
    if any(not isinstance(value, int | float) or isinstance(value, bool) for value in (old, new)):
        return True
    if same_value(old, new):
        return True
    if is_clock(key):
        return True
    _, entry = direction(file, key, policy)
    rounding = _share(_ROUNDING, max(abs(old), abs(new)))
    allowed = max(rounding, _own_tolerance(old, entry) or 0.0)
    return _at_most(allowed, old, new)


def is_clock(key: str) -> bool:
    """Whether a metric is a time, a throughput or memory use, by the last parts of its key."""
    words = {word.lower() for part in key.split(".")[-_PARTS:] for word in _WORDS.findall(part)}
    return bool(words & CLOCKS)


def has_own_tolerance(file: str, key: str, policy: Policy) -> bool:
    """Whether the policy sets the tolerance of a metric, so that its noise does not count."""
    entry = direction(file, key, policy)[1]
    return entry is not None and entry.tolerance is not None


def within(old: Any, new: Any, spread: float | None) -> bool:
    """Whether a loss is within the spread of a metric, or is too small if that is not known."""
    return _at_most(spread or _share(SHARE, abs(old)), old, new)


def unexplained_values(
    change: Change, policy: Policy
) -> Iterator[tuple[MetricAttribution, str, ValueChange]]:
    """Yield the metrics that moved without a cause, by more than runs differ by chance.

    A loss is compared with its noise or tolerance; another difference of a metric without a
    tolerance of its own with the small share that is tolerated of every loss.
    """
    notes = {(note.file, note.key): note.note for note in change.metric_notes}
    for move in change.metric_causes:
        if move.explanation != "unexplained":
            continue
        for key, item in change.metrics.get(move.file, {}).items():
            old, new = item["old"], item["new"]
            note = notes.get((move.file, key))
            if note == "tolerated" or is_noise(move.file, key, old, new, policy):
                continue
            own = note not in (None, "better") or has_own_tolerance(move.file, key, policy)
            if own or not (is_number(old) and is_number(new) and within(old, new, None)):
                yield move, key, item


def _own_tolerance(old: Any, entry: MetricPolicy | None) -> float | None:
    if entry is None or entry.tolerance is None:
        return None
    return _share(entry.tolerance, abs(old)) if entry.relative else entry.tolerance


def _at_most(allowed: float, old: Any, new: Any) -> bool:
    # 0.9 - 0.89 is more than 0.01, by a rounding error.
    rounding = _share(2 * float_info.epsilon, max(abs(old), abs(new))) if allowed else 0.0
    return _apart(old, new) <= allowed + rounding


def _apart(old: Any, new: Any) -> float:
    try:
        return abs(float(new - old))
    except OverflowError:
        return math.inf


def _share(share: float, value: Any) -> float:
    try:
        return share * float(value)
    except OverflowError:
        # An integer too large for a float.
        return 0.0
