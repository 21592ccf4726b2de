"""Drops customers who came too recently, and splits the rest for training and testing."""

import csv
import sys
from pathlib import Path


def minimum_months(path):
    """Read prepare.min_months from params.yaml."""
    lines = Path(path).read_text().splitlines()
    return int(next(line.split(":")[1] for line in lines if "min_months" in line))


def main(source, target):
    """Write train.csv and test.csv."""
    with Path(source).open(newline="") as file:
        rows = list(csv.reader(file))
    header, customers = rows[0], rows[1:]
    months = header.index("months")
    kept = [row for row in customers if int(row[months]) >= minimum_months("params.yaml")]
    Path(target).mkdir(parents=True, exist_ok=True)
    for name, part in (("train", kept[::2]), ("test", kept[1::2])):
        with (Path(target) / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *part])


main(sys.argv[1], sys.argv[2])
