"""Write the provenance of one version of a model as an in-toto Statement with an SLSA predicate.

The formats are https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
https://slsa.dev/spec/v1.0/provenance. A digest is named for its bytes: `md5` and `sha256` are those
of a file, `dvcMd5Dir` is the MD5 of DVC's listing of a directory, `dvcMd5Dos2unix` that of text
with other line ends (DVC 2). What a cloud names a version is an annotation: it is no digest.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lineage_diff.catalog.collected import CollectedFacts, collect
from lineage_diff.catalog.facts import Fact, FileFact, InputFact, ModelFact, OutputFact, RunFact
from lineage_diff.catalog.writers.parts import FilePart, document_bytes
from lineage_diff.errors import InputError
from lineage_diff.project import ADDRESS, NAME

FILE: Final = "statement.intoto.json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
_PAGE: Final = f"{ADDRESS}/blob/main/docs/evidence.md"
BUILD_TYPE: Final = f"{_PAGE}#build-type-dvc-run-v1"
BUILDER: Final = f"{_PAGE}#unknown-builder"
_DIGESTS: Final = (
    ("md5", re.compile(r"md5:([0-9a-f]{32})")),
    ("dvcMd5Dir", re.compile(r"md5:([0-9a-f]{32}\.dir)")),
    ("dvcMd5Dos2unix", re.compile(r"md5-dos2unix:([0-9a-f]{32}(?:\.dir)?)")),
    ("gitCommit", re.compile(r"commit:([0-9a-f]{40}|[0-9a-f]{64})")),
)
Json = dict[str, Any]


def write_statement(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the Statement of the only model of the facts.

    Raises `InputError` for no model or several, and for one without a recorded run.
    """
    collected = collect(facts)
    if len(collected.models) != 1:
        raise InputError(
            f"in-toto states the provenance of one model, and {len(collected.models)} are selected",
            hint="Name one with `--model`.",
        )
    (model,) = collected.models
    found = statement(collected, model)
    if found is None:
        raise InputError(
            f"no run is recorded that made {model.path}, so its provenance is unknown",
            hint="Commit the `dvc.lock` that `dvc repro` wrote.",
        )
    yield FilePart(FILE, document_bytes(found))


def statement(facts: CollectedFacts, model: ModelFact) -> Json | None:
    """Return the Statement of a model; `None` if no run of it is recorded."""
    run = facts.in_force.get(model.out or model.path)
    if run is None:
        return None
    return {
        "_type": STATEMENT_TYPE,
        "subject": _subjects(facts, model, run),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": _definition(facts, model, run),
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {"invocationId": run.run},
                "byproducts": [
                    _resource(facts, out)
                    for out in facts.outputs.get(run.run, ())
                    if out.path != model.path
                ],
            },
        },
    }


def _subjects(facts: CollectedFacts, model: ModelFact, run: RunFact) -> list[Json]:
    """Return the exported commit, the file with the lock entry, and the model with its digests."""
    head = facts.repository.head
    subjects = [_source(facts, head)]
    file = facts.files.get(_recording_file(run))
    if file is not None:
        subjects.append(
            {
                "name": file.path,
                "digest": _read_digests(file),
                "annotations": {"entry": run.stage, "commit": head},
            }
        )
    digest = _digest_set(facts, model.path, model.hash)
    if digest:
        subjects.append(
            {
                "name": model.path,
                "digest": digest,
                "annotations": _present(
                    artifact=model.name, dvcHash=model.hash, size=model.size, files=model.files
                ),
            }
        )
    return subjects


def _recording_file(run: RunFact) -> str:
    """Return the file that records a run: the lock beside a `dvc.yaml`, or the `.dvc` file."""
    folder, slash, name = run.file.rpartition("/")
    return f"{folder}{slash}dvc.lock" if name == "dvc.yaml" else run.file


def _definition(facts: CollectedFacts, model: ModelFact, run: RunFact) -> Json:
    behind = facts.runs_behind(run.run)
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "source": {
                "repository": facts.repository.repository,
                "commit": facts.repository.head,
            },
            "model": _present(path=model.path, artifact=model.name, dvcHash=model.hash),
            "run": _run(facts, run),
        },
        "internalParameters": {
            "upstreamRuns": [_run(facts, other) for other in behind if other.run != run.run],
            "freshness": _freshness(facts, model),
            "historyIsComplete": facts.repository.complete,
            "unknowns": [
                _present(subject=item.subject, commit=item.commit, reason=item.reason)
                for item in facts.unknowns
            ],
            "readBy": {"name": NAME, "version": facts.repository.tool_version},
        },
        "resolvedDependencies": [
            *(_source(facts, commit) for commit in dict.fromkeys(item.commit for item in behind)),
            *(
                _used(facts, other, used)
                for other in behind
                for used in _once(facts.inputs.get(other.run, ()))
            ),
            *(source for other in behind for source in _imported(facts, other)),
        ],
    }


def _freshness(facts: CollectedFacts, model: ModelFact) -> str:
    found = facts.freshness.get(model.stage or "")
    return found.freshness if found is not None else "unknown"


def _once(inputs: Iterable[InputFact]) -> list[InputFact]:
    """Return one of the facts of each dep; a dep with several producers has several."""
    return list({item.path: item for item in inputs}.values())


def _run(facts: CollectedFacts, run: RunFact) -> Json:
    params: dict[str, Json] = {}
    for fact in facts.params.get(run.run, ()):
        params.setdefault(fact.file, {})[fact.key] = fact.value
    return _present(
        id=run.run,
        stage=run.stage,
        kind=run.kind,
        recordedBy=run.commit,
        recordedByIsCertain=run.certain,
        command=run.command,
        params=params or None,
    )


def _used(facts: CollectedFacts, run: RunFact, used: InputFact) -> Json:
    found = _resource(facts, used)
    found["annotations"] |= _present(kind=used.kind, usedBy=run.run, madeBy=used.made_by)
    return found


def _imported(facts: CollectedFacts, run: RunFact) -> Iterator[Json]:
    source = facts.imports.get(run.run)
    if source is None:
        return
    found = {
        "uri": source.source,
        "annotations": _present(
            kind="import-source",
            importKind=source.kind,
            path=source.path,
            rev=source.rev,
            revLock=source.rev_lock,
            version=source.hash,
            usedBy=run.run,
        ),
    }
    digest = _digest(f"commit:{source.rev_lock}") if source.kind == "repo" else {}
    yield found | ({"digest": digest} if digest else {})


def _resource(facts: CollectedFacts, item: InputFact | OutputFact) -> Json:
    digest = _digest_set(facts, item.path, item.hash)
    found: Json = {"name": item.path}
    if item.url is not None:
        found["uri"] = item.url
    if digest:
        found["digest"] = digest
    annotations = _present(dvcHash=item.hash, size=item.size, files=item.files)
    return found | {"annotations": annotations}


def _digest_set(facts: CollectedFacts, path: str, hash_: str | None) -> Json:
    """Return the digests of a version, with its SHA-256 if its bytes were read."""
    file = facts.file_of(path, hash_)
    return _digest(hash_ or "") | (_read_digests(file) if file is not None else {})


def _read_digests(file: FileFact) -> Json:
    return _present(sha256=file.sha256, gitBlob=file.blob)


def _digest(hash_: str) -> Json:
    found = ((name, pattern.fullmatch(hash_)) for name, pattern in _DIGESTS)
    return {name: match[1] for name, match in found if match is not None}


def _source(facts: CollectedFacts, commit: str) -> Json:
    """Return a commit, by an SPDX download location if the repository is named."""
    url = facts.repository.url
    named = {"uri": f"git+{url}@{commit}"} if url is not None else {}
    return {"name": f"commit {commit}", **named, "digest": {"gitCommit": commit}}


def _present(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}
