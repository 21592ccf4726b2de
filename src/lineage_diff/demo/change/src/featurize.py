"""Scales what is known of a customer into numbers between 0 and 1."""

import csv
import json
import sys
from pathlib import Path

SCALE = {"months": 48, "calls": 12, "bill": 120}


def main(source, target):
    """Write one JSON file of features and answers for each part."""
    Path(target).mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        with (Path(source) / f"{part}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        data = {
            "x": [[float(row[key]) / top for key, top in SCALE.items()] for row in rows],
            "y": [int(row["left"]) for row in rows],
        }
        (Path(target) / f"{part}.json").write_text(json.dumps(data))


main(sys.argv[1], sys.argv[2])
