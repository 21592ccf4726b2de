"""Write the JSON Schemas (2020-12) of all reports into the files that are published.

python scripts/json_schemas.py
"""

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lineage_diff.catalog.dag import Dag
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.experiments_report import ExperimentsReport
from lineage_diff.report.organization.report import OrganizationReport
from lineage_diff.report.promotion import PromotionReport
from lineage_diff.report.report import Report

SOURCE = Path(__file__).parents[1] / "src" / "lineage_diff"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Schema(NamedTuple):
    """The schema of a type, and its file in `SOURCE`.

    `optional` are the keys that may be absent, by the name of their class.
    """

    file: str
    kind: type
    title: str
    optional: Mapping[str, Set[str]] = {}

    @property
    def path(self) -> Path:
        """Return where the schema is published."""
        return SOURCE / self.file

    def document(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        made = msgspec.json.schema(self.kind)
        definitions: dict[str, Any] = made["$defs"]
        root = definitions.pop(self.kind.__name__)
        for definition in (root, *definitions.values()):
            _close(definition, self.optional)
        name = self.path.name.partition(".")[0]
        return {
            "$schema": DIALECT,
            "$id": f"urn:lineage-diff:{name}:1",
            **root,
            "title": self.title,
            "$defs": dict(sorted(definitions.items())),
        }

    def content(self) -> bytes:
        """Return the content of the file."""
        return msgspec.json.format(msgspec.json.encode(self.document()), indent=2) + b"\n"


SCHEMAS = (
    Schema("report/report.schema.json", Report, "lineage-diff report", {"ValueChange": {"diff"}}),
    Schema("report/audit.schema.json", AuditReport, "lineage-diff audit"),
    Schema("report/experiments.schema.json", ExperimentsReport, "lineage-diff experiments"),
    Schema("report/organization.schema.json", OrganizationReport, "lineage-diff organization"),
    Schema("report/promotion.schema.json", PromotionReport, "lineage-diff promotion"),
    Schema("catalog/dag.schema.json", Dag, "lineage-diff graph"),
)


def _close(definition: dict[str, Any], optional: Mapping[str, Set[str]]) -> None:
    """Require all keys but those that are `optional`, and refuse all others."""
    if "description" in definition:
        definition["description"] = " ".join(definition["description"].split())
    properties = definition.get("properties", {})
    for value in properties.values():
        value.pop("default", None)
    absent = optional.get(definition["title"], set())
    definition["required"] = [name for name in properties if name not in absent]
    definition["additionalProperties"] = False


if __name__ == "__main__":
    for schema in SCHEMAS:
        schema.path.write_bytes(schema.content())
