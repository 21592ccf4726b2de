"""Trains a logistic regression by stochastic gradient descent."""

import json
import math
import pickle
import sys
from pathlib import Path


def parameter(name):
    """Read one of the train parameters from params.yaml."""
    lines = Path("params.yaml").read_text().splitlines()
    return float(next(line.split(":")[1] for line in lines if line.strip().startswith(name)))


def main(features, model):
    """Write the weights."""
    data = json.loads((Path(features) / "train.json").read_text())
    weights = [0.0] * (len(data["x"][0]) + 1)
    rate = parameter("learning_rate")
    for _ in range(int(parameter("epochs"))):
        for values, answer in zip(data["x"], data["y"], strict=True):
            row = [1.0, *values]
            score = sum(w * v for w, v in zip(weights, row, strict=True))
            error = answer - 1 / (1 + math.exp(-score))
            weights = [w + rate * error * v for w, v in zip(weights, row, strict=True)]
    Path(model).parent.mkdir(exist_ok=True)
    Path(model).write_bytes(pickle.dumps([round(w, 9) for w in weights], protocol=4))


main(sys.argv[1], sys.argv[2])
