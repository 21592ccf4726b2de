"""Run storms from the command line: the arguments, the loop over seeds, the result."""

import argparse
import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict

from tests.support.github.storm import Weather

_MOST_FAILED = 20


def read_arguments(description: str | None) -> argparse.Namespace:
    """Return `runs` and the first `seed` of the command line."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def blow_all(asked: argparse.Namespace, weather: Weather, blow: Callable[[int], None]) -> None:
    """Call `blow` with one seed after another until there were enough runs, and exit.

    `blow` counts in `weather`. Prints the counts, and the seeds of the storms that failed.
    """
    failed, seed = list[int](), asked.seed
    while weather.runs < asked.runs and len(failed) < _MOST_FAILED:
        try:
            blow(seed)
        except Exception:
            failed.append(seed)
            traceback.print_exc()
        seed += 1
    faults = dict(sorted(weather.faults.items()))
    print(json.dumps({**asdict(weather), "faults": faults, "failed": failed}))
    sys.exit(bool(failed))
