"""The facts of one recorded run: its params, and the versions that it used and made."""

import json
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import Any

from msgspec import Struct

from lineage_diff.catalog.commit_facts import command_text
from lineage_diff.catalog.facts import (
    Fact,
    ImportFact,
    InputFact,
    OutputFact,
    ParamFact,
    RunFact,
    RunKind,
    Scalar,
    UsedKind,
    ValueType,
)
from lineage_diff.catalog.identity import (
    outside_address,
    repository_key,
    run_id,
    shown_path,
    without_credentials,
)
from lineage_diff.diff.causes import git_kind
from lineage_diff.lineage.history import Record
from lineage_diff.lineage.stage import Import
from lineage_diff.lineage.version import Hash, Version, hash_text

# A 64-bit integer, as columns of tables hold it.
_INTEGERS = range(-(2**63), 2**63)


class MadeOut(Struct, frozen=True):
    """An out that a run made, with the commit that recorded the run."""

    commit: str
    stage: str
    kind: RunKind
    path: str
    version: Version


FindProducers = Callable[[str, Hash | None], Iterable[MadeOut]]
"""Returns the outs that made a version of a path, or a part of it."""


class RecordedRun(Struct, frozen=True):
    """A run to export; the fields are those of `RunFact`."""

    repository: str
    commit: str
    certain: bool
    current: bool | None
    record: Record

    @property
    def id(self) -> str:
        """The id of the run."""
        return run_id(self.repository, self.commit, self.record.stage)


def kind_of(record: Record) -> RunKind:
    """Return what recorded it: a run of a stage, `dvc add`, or an import."""
    if record.is_run:
        return "stage"
    return "add" if record.imported is None else "import"


def run_facts(
    run: RecordedRun, producers: FindProducers, is_model: Callable[[str], bool]
) -> Iterator[Fact]:
    """Yield the facts of a run but its metrics. `is_model` decides by the path of an out."""
    record, id_, repository = run.record, run.id, run.repository
    kind = kind_of(record)
    yield RunFact(
        repository=repository,
        run=id_,
        commit=run.commit,
        certain=run.certain,
        current=run.current,
        stage=record.stage,
        kind=kind,
        file=record.file,
        command=command_text(record.cmd),
    )
    yield from _params(run, id_)
    if record.imported is not None:
        yield _import(run, id_, record.imported)
    else:
        yield from _inputs(run, id_, producers)
    for path, version in sorted(record.outs.items()):
        yield OutputFact(
            repository=repository,
            run=id_,
            path=shown_path(path),
            url=outside_address(path),
            hash=hash_text(version),
            size=version.size,
            files=version.nfiles,
            is_model=is_model(path),
        )


def _params(run: RecordedRun, id_: str) -> Iterator[ParamFact]:
    files = run.record.run.param_files
    for name, value in sorted(run.record.params.items()):
        file = _file_of(name, files)
        type_, scalar = typed_value(value)
        yield ParamFact(
            repository=run.repository,
            run=id_,
            file=file,
            key=name[len(file) + 1 :],
            type=type_,
            value=scalar,
        )


def _file_of(name: str, files: Iterable[str]) -> str:
    """Return the file of `file:key`; either may contain a colon."""
    return max((file for file in files if name.startswith(f"{file}:")), key=len, default="")


def typed_value(value: Any) -> tuple[ValueType, Scalar]:
    """Return the value of a param as a scalar with its type; lists and mappings as JSON."""
    if value is None or isinstance(value, str | bool):
        names: dict[type, ValueType] = {str: "string", bool: "boolean"}
        return names.get(type(value), "null"), value
    if isinstance(value, int):
        return ("integer", value) if value in _INTEGERS else ("string", str(value))
    if isinstance(value, float):
        return ("number", value) if isfinite(value) else ("string", str(value))
    if isinstance(value, dict | list | tuple):
        return "json", json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return "string", str(value)


def _inputs(run: RecordedRun, id_: str, producers: FindProducers) -> Iterator[InputFact]:
    deps = run.record.deps
    for path, version in sorted(deps.items()):
        yield from _input(run, id_, path, version, None, producers(path, version.hash))
    for file in sorted(run.record.run.param_files.keys() - deps.keys()):
        yield from _input(run, id_, file, Version(None), "params", producers(file, None))


def _input(
    run: RecordedRun,
    id_: str,
    path: str,
    version: Version,
    kind: UsedKind | None,
    producers: Iterable[MadeOut],
) -> Iterator[InputFact]:
    found: list[MadeOut | None] = [*producers]
    url, hash_ = outside_address(path), hash_text(version)
    for made in found or (None,):
        yield InputFact(
            repository=run.repository,
            run=id_,
            path=url or path,
            kind=kind or _used_kind(path, made),
            url=url,
            hash=hash_,
            size=version.size,
            files=version.nfiles,
            made_by=run_id(run.repository, made.commit, made.stage) if made is not None else None,
            out=shown_path(made.path) if made is not None else None,
            out_hash=hash_text(made.version) if made is not None else None,
        )


def _used_kind(path: str, made: MadeOut | None) -> UsedKind:
    if made is not None:
        return "import" if made.kind == "import" else "data"
    kind = git_kind(path) if outside_address(path) is None else "data"
    return kind if kind in ("data", "environment") else "code"


def _import(run: RecordedRun, id_: str, source: Import) -> ImportFact:
    return ImportFact(
        repository=run.repository,
        run=id_,
        kind=source.kind,
        source=without_credentials(source.source),
        source_repository=repository_key(source.source) if source.kind == "repo" else None,
        path=source.path,
        rev=source.rev,
        rev_lock=source.rev_lock,
        hash=hash_text(source.locked),
    )
