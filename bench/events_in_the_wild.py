"""Validate the events of OpenLineage of every run of public repositories, in all their commits.

    python bench/events_in_the_wild.py CLONES SPECIFICATION

CLONES is a folder of bare clones, NAME.git each. SPECIFICATION is the folder `spec` of OpenLineage:
OpenLineage.json, and the facets' schemas in `facets`. Each event is validated by the core schema,
each facet by its own, and the limits of consumers are checked. Exit code 1 for any fault.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from jsonschema_rs import ValidationError

sys.path.insert(0, str(Path(__file__).parents[1]))

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.facts import Scope, read_facts
from lineage_diff.catalog.writers.openlineage import EVENT_BYTES, write_openlineage
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history
from tests.support.lineage_schemas import Specification

_FAULTS = 5


def main() -> int:
    """Check the clones that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("specification", type=Path, metavar="SPECIFICATION")
    given = parser.parse_args()
    specification = Specification(given.specification)
    counts: Counter[str] = Counter()
    for clone in sorted(given.clones.glob("*.git")):
        start, before = time.process_time(), counts["events"]
        faults = list(find_faults(clone, specification, counts))
        counts["faults"] += len(faults)
        for fault in faults[:_FAULTS]:
            print(f"{clone.name}: {fault}", flush=True)
        events = counts["events"] - before
        print(f"{clone.name}: {events:,} events, {time.process_time() - start:.1f} s", flush=True)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    return 1 if counts["faults"] else 0


def find_faults(clone: Path, specification: Specification, counts: Counter[str]) -> Iterator[str]:
    """Yield the faults in the events of a clone."""
    try:
        facts = read_facts(AuditRequest(open_history(clone)), Scope(whole=True))
    except InputError as error:
        counts["not readable"] += 1
        print(f"{clone.name}: {error}")
        return
    counts["repositories"] += 1
    counts["commits"] += _commits(clone)
    before = counts["events"]
    for part in write_openlineage(facts):
        counts["events"] += 1
        event = json.loads(part.data)
        try:
            specification.check(event)
        except (ValidationError, AssertionError, KeyError) as error:
            yield f"{event['run']['runId']}: {str(error)[:300]}"
        if len(part.data) > EVENT_BYTES:
            yield f"{event['run']['runId']}: {len(part.data):,} bytes"
        if not event["inputs"]:
            yield f"{event['run']['runId']}: no input"
    counts["repositories with events"] += counts["events"] > before


def _commits(clone: Path) -> int:
    """Return the number of commits along the first parents, which are those that are read."""
    command = ["git", "-C", str(clone), "rev-list", "--count", "--first-parent", "HEAD"]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
