"""Validate the ML-BOMs, Statements and folders of evidence of public repositories.

    python bench/evidence_in_the_wild.py CLONES [--models N]

CLONES is a folder of bare clones, NAME.git each. Of each default branch, the ML-BOM of the commit
is validated in all versions of the specification; of its first N models the ML-BOM and Statement
are validated, and the folder of evidence is built twice and verified. Exit code 1 for any fault.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.evidence.build import build_evidence
from lineage_diff.app.evidence.subject import find_subject
from lineage_diff.app.evidence.verify import verify_evidence
from lineage_diff.app.export.facts import Scope, read_facts
from lineage_diff.catalog.facts import Fact, ModelFact
from lineage_diff.catalog.writers.cyclonedx import SPECS, write_ml_bom
from lineage_diff.catalog.writers.in_toto import FILE
from lineage_diff.cli.evidence_folder import write_folder
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history

VALIDATORS = {spec: JsonStrictValidator(SchemaVersion.from_version(spec)) for spec in SPECS}


def main() -> int:
    """Check the clones that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("--models", type=int, default=3, help="models of each repository")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    for clone in sorted(given.clones.glob("*.git")):
        start = time.perf_counter()
        faults = list(find_faults(clone, given.models, counts))
        print(f"{clone.name}: {time.perf_counter() - start:.1f} s", flush=True)
        counts["faults"] += len(faults)
        for fault in faults:
            print(f"{clone.name}: {fault}", flush=True)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    return 1 if counts["faults"] else 0


def find_faults(clone: Path, most: int, counts: Counter[str]) -> Iterator[str]:
    """Yield the faults in the documents of a clone."""
    try:
        facts = list(read_facts(AuditRequest(open_history(clone)), Scope(files=True)))
    except InputError as error:
        counts["not readable"] += 1
        print(f"{clone.name}: {error}")
        return
    counts["repositories"] += 1
    yield from bom_faults(facts)
    counts["ML-BOMs"] += len(SPECS)
    models = [fact.path for fact in facts if isinstance(fact, ModelFact)]
    counts["repositories with models"] += bool(models)
    for path in models[:most]:
        yield from folder_faults(clone, path, counts)


def bom_faults(facts: list[Fact]) -> Iterator[str]:
    """Yield the errors of the ML-BOM of some facts."""
    for spec in SPECS:
        (part,) = write_ml_bom(facts, spec)
        error = VALIDATORS[spec].validate_str(part.data.decode())
        if error is not None:
            yield f"ML-BOM {spec}: {str(error)[:500]}"


def folder_faults(clone: Path, path: str, counts: Counter[str]) -> Iterator[str]:
    """Yield the faults in the folder of evidence of a model."""
    request = AuditRequest(open_history(clone))
    files = build_evidence(find_subject(request, path, lambda _: None))
    counts["folders"] += 1
    error = VALIDATORS["1.6"].validate_str(files["ml-bom.cdx.json"].decode())
    if error is not None:
        yield f"{path}: ML-BOM: {str(error)[:500]}"
    if FILE in files:
        counts["Statements"] += 1
        document = json.loads(files[FILE])
        read = json_format.ParseDict(document, statement_pb2.Statement())
        Statement(read.subject, read.predicate_type, read.predicate).validate()
        json_format.ParseDict(document["predicate"], provenance_pb2.Provenance())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "evidence")
        write_folder(folder, files)
        again = AuditRequest(open_history(clone))
        for item in verify_evidence(again, folder).differences:
            yield f"{path}: {item.kind} {item.name}"


if __name__ == "__main__":
    sys.exit(main())
