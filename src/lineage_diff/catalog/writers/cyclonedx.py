"""Write the models of one commit, with all that they were made from, as a CycloneDX ML-BOM.

The specification is https://cyclonedx.org/docs/1.6/json/. A hash of DVC is one of a component only
where it is the MD5 of the file's bytes: that of a directory's listing (`.dir`), of text with other
line ends (DVC 2), and the version of a cloud are properties.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from lineage_diff.catalog.collected import CollectedFacts, collect
from lineage_diff.catalog.facts import Fact, ImportFact, ModelFact, RunFact
from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.catalog.identity import uuid_of
from lineage_diff.catalog.writers.bill import Bill, Item, items_of
from lineage_diff.catalog.writers.parts import FilePart, document_bytes
from lineage_diff.project import NAME

FILE: Final = "ml-bom.cdx.json"
SPECS: Final = EXPORT_FORMATS["cyclonedx"].specs
PREFIX: Final = f"{NAME}:"
_MD5 = re.compile(r"md5:([0-9a-f]{32})")
_IRI_SAFE: Final = ":/?#!$&'()*+,;=%-._~@"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# The short form of SSH, as in `git help clone`.
_SCP = re.compile(r"((?:[^/@:]+@)?[A-Za-z0-9][A-Za-z0-9.-]+):(?!/)(.+)", re.DOTALL)
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._~%!$&'()*+,;=@-]*(?::[0-9]*)?(?:/[^#]*)?(?:#[^#]*)?"
)
_TASKS: Final = {"stage": "build", "add": "other", "import": "copy"}
_DATA_TYPES: Final = {
    "data": "dataset",
    "import": "dataset",
    "params": "configuration",
    "metrics": "other",
    "plots": "other",
}
Json = dict[str, Any]


def write_ml_bom(facts: Iterable[Fact], spec: str = SPECS[0]) -> Iterator[FilePart]:
    """Yield the document of one commit, in a version of `SPECS`."""
    yield FilePart(FILE, document_bytes(ml_bom(collect(facts), spec)))


def ml_bom(facts: CollectedFacts, spec: str = SPECS[0]) -> Json:
    """Return the document of one commit; texts may have lone surrogates."""
    bill = items_of(facts)
    repository, root = facts.repository, _ref(facts, "repository")
    models = sorted(model.path for model in facts.models)
    serial = uuid_of("cyclonedx", spec, repository.repository, repository.head, *models)
    document: Json = {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": facts.head.date,
            "tools": {"components": [_tool(repository.tool_version)]},
            "component": _root(facts, root),
            "properties": _properties(
                commit=repository.head, **{"history-is-complete": repository.complete}
            )
            + [_property("unknown", f"{item.subject}: {item.reason}") for item in facts.unknowns],
        },
        "components": [_component(facts, bill, item) for item in bill.items.values()],
        "dependencies": [
            {"ref": root, "dependsOn": sorted(bill.model_refs)},
            *({"ref": ref, "dependsOn": sorted(uses)} for ref, uses in bill.uses.items()),
        ],
    }
    if not facts.is_complete or bill.is_open:
        document["compositions"] = [{"aggregate": "incomplete", "dependencies": [root]}]
    if facts.runs:
        document["formulation"] = [_formula(facts, bill)]
    return document


def _tool(version: str) -> Json:
    return {"type": "application", "name": NAME, "version": version}


def _root(facts: CollectedFacts, ref: str) -> Json:
    repository = facts.repository
    found: Json = {
        "type": "application",
        "bom-ref": ref,
        "name": repository.name or repository.repository,
        "version": repository.head,
    }
    if repository.url is not None:
        found["externalReferences"] = [_reference("vcs", repository.url)]
    return found


def _component(facts: CollectedFacts, bill: Bill, item: Item) -> Json:
    made = facts.runs.get(item.run) if item.run is not None else None
    found: Json = {"type": _type(item), "bom-ref": item.ref, "name": item.path}
    if item.model is not None:
        found |= _described(facts, item.model)
    if item.hash is not None:
        found.setdefault("version", item.hash)
    if hashes := _hashes(facts, item):
        found["hashes"] = hashes
    if references := _references(facts, item):
        found["externalReferences"] = references
    if item.model is not None:
        found["modelCard"] = _model_card(facts, bill, item, item.model)
    elif item.kind in _DATA_TYPES and found["type"] == "data":
        found["data"] = [{"type": _DATA_TYPES[item.kind], "name": item.path}]
    found["properties"] = _properties(
        **{
            "kind": item.kind,
            "dvc-hash": item.hash,
            "size": item.size,
            "files": item.files,
            "stage": made.stage if made is not None else None,
            "recorded-by-commit": made.commit if made is not None else None,
        }
    ) + (_model_properties(facts, item.model) if item.model is not None else [])
    return found


def _type(item: Item) -> str:
    if item.kind == "model":
        return "machine-learning-model"
    return "data" if item.kind in _DATA_TYPES else "file"


def _described(facts: CollectedFacts, model: ModelFact) -> Json:
    found: Json = {}
    if model.name is not None:
        found["name"] = model.name
    versions = [item.version for item in facts.registered_as(model)]
    if versions:
        found["version"] = ", ".join(versions)
    if model.desc is not None:
        found["description"] = model.desc
    if model.labels:
        found["tags"] = list(model.labels)
    license_ = meta_of(model).get("license")
    if isinstance(license_, str) and license_:
        found["licenses"] = [{"license": {"name": license_}}]
    return found


def meta_of(model: ModelFact) -> Mapping[str, Any]:
    """Return the `meta` of a model's artifact; one that is no mapping under the key `meta`."""
    found = json.loads(model.meta) if model.meta is not None else {}
    return found if isinstance(found, dict) else {"meta": found}


def _model_properties(facts: CollectedFacts, model: ModelFact) -> list[Json]:
    freshness = facts.freshness.get(model.stage or "")
    reasons = facts.reasons.get(model.stage or "", ())
    return [
        *_properties(
            path=model.path,
            **{
                "identified-by": model.identified_by,
                "out": model.out,
                "freshness": freshness.freshness if freshness is not None else "unknown",
            },
        ),
        *(_property("reason", f"{item.kind}: {item.subject}") for item in reasons),
        *(
            _property("registered", f"{item.artifact}@{item.version} ({item.tag})")
            for item in facts.registered_as(model)
        ),
    ]


def _hashes(facts: CollectedFacts, item: Item) -> list[Json]:
    found = []
    if (match := _MD5.fullmatch(item.hash or "")) is not None:
        found.append({"alg": "MD5", "content": match[1]})
    file = facts.file_of(item.path, item.hash)
    if file is not None:
        found.append({"alg": "SHA-256", "content": file.sha256})
    return found


def _references(facts: CollectedFacts, item: Item) -> list[Json]:
    found = [_reference("distribution", item.url)] if item.url is not None else []
    source = facts.imports.get(item.run) if item.run is not None else None
    if source is not None:
        found.append(
            {**_reference("source-distribution", source.source), "comment": _comment(source)}
        )
    return found


def _comment(source: ImportFact) -> str:
    parts = {
        "kind": source.kind,
        "path": source.path,
        "rev": source.rev,
        "rev_lock": source.rev_lock,
        "version": source.hash,
    }
    return ", ".join(f"{name}: {value}" for name, value in parts.items() if value is not None)


def _reference(kind: str, url: str) -> Json:
    return {"type": kind, "url": iri(url)}


def iri(address: str) -> str:
    """Return an address as an IRI reference (RFC 3987); `git@host:path` becomes an `ssh://` URL."""
    scp = _SCP.fullmatch(address)
    text = f"ssh://{scp[1]}/{scp[2]}" if scp is not None else address
    found = quote(_LONE_PERCENT.sub("%25", text), safe=_IRI_SAFE, errors="backslashreplace")
    if _URL.fullmatch(found):
        return found
    # No scheme: a colon in the first part of a path would be one.
    return quote(text, safe="/", errors="backslashreplace")


def _model_card(facts: CollectedFacts, bill: Bill, item: Item, model: ModelFact) -> Json:
    card: Json = {"bom-ref": _ref(facts, "card", item.ref)}
    if datasets := bill.data_behind(item.ref):
        card["modelParameters"] = {"datasets": [{"ref": ref} for ref in datasets]}
    metrics = [fact for fact in facts.metrics if model.path in fact.models]
    if metrics:
        card["quantitativeAnalysis"] = {
            "performanceMetrics": [
                {"type": f"{fact.file}:{fact.key}", "value": json.dumps(fact.value)}
                for fact in metrics
            ]
        }
    params = facts.params.get(item.run or "", ())
    card["properties"] = [
        *(_property(f"param:{fact.file}:{fact.key}", fact.value) for fact in params),
        *(_property(f"meta:{key}", value) for key, value in sorted(meta_of(model).items())),
    ]
    return card


def _formula(facts: CollectedFacts, bill: Bill) -> Json:
    workflow = _ref(facts, "workflow")
    return {
        "bom-ref": _ref(facts, "formula"),
        "workflows": [
            {
                "bom-ref": workflow,
                "uid": workflow,
                "name": facts.repository.repository,
                "taskTypes": sorted({_TASKS[run.kind] for run in facts.runs.values()}),
                "tasks": [_task(facts, bill, run) for run in facts.runs.values()],
                "taskDependencies": [
                    {"ref": id_, "dependsOn": facts.runs_before(id_)} for id_ in facts.runs
                ],
            }
        ],
    }


def _task(facts: CollectedFacts, bill: Bill, run: RunFact) -> Json:
    task: Json = {
        "bom-ref": run.run,
        "uid": run.run,
        "name": run.stage,
        "taskTypes": [_TASKS[run.kind]],
    }
    if run.command is not None:
        commands = [{"executed": line} for line in run.command.split("\n")]
        task["steps"] = [{"name": run.stage, "commands": commands}]
    inputs: list[Json] = [{"resource": {"ref": ref}} for ref in bill.inputs_of(run.run)]
    params = facts.params.get(run.run, ())
    if params:
        parameters = [
            {"name": f"{fact.file}:{fact.key}", "value": _text(fact.value), "dataType": fact.type}
            for fact in params
        ]
        inputs.append({"parameters": parameters})
    if inputs:
        task["inputs"] = inputs
    if outputs := bill.outputs_of(run.run):
        task["outputs"] = [{"type": "artifact", "resource": {"ref": ref}} for ref in outputs]
    task["properties"] = _properties(
        **{
            "recorded-by-commit": run.commit,
            "recorded-by-commit-is-certain": run.certain,
            "is-in-force": run.current,
            "file": run.file,
        }
    )
    return task


def _ref(facts: CollectedFacts, *parts: str) -> str:
    return uuid_of("cyclonedx", facts.repository.repository, facts.repository.head, *parts)


def _properties(**values: Any) -> list[Json]:
    return [_property(name, value) for name, value in values.items() if value is not None]


def _property(name: str, value: Any) -> Json:
    return {"name": f"{PREFIX}{name}", "value": _text(value)}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
