"""Measures the model on the customers that it has not seen."""

import json
import math
import pickle
import sys
from pathlib import Path


def main(model, features, target):
    """Write accuracy, recall and log loss."""
    weights = pickle.loads(Path(model).read_bytes())
    data = json.loads((Path(features) / "test.json").read_text())
    right = caught = leavers = 0
    loss = 0.0
    for values, answer in zip(data["x"], data["y"], strict=True):
        score = sum(w * v for w, v in zip(weights, [1.0, *values], strict=True))
        chance = min(max(1 / (1 + math.exp(-score)), 1e-9), 1 - 1e-9)
        right += (chance >= 0.5) == bool(answer)
        leavers += answer
        caught += answer and chance >= 0.5
        loss -= math.log(chance if answer else 1 - chance)
    count = len(data["y"])
    metrics = {
        "accuracy": round(right / count, 4),
        "recall": round(caught / leavers, 4),
        "log_loss": round(loss / count, 4),
        "customers": count,
    }
    Path(target).write_text(json.dumps(metrics, indent=2) + "\n")


main(*sys.argv[1:4])
