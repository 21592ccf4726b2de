"""The facts of one recorded run: its params, and the versions that it used and made."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
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
from lineage_diff.lineage.history import Record, Run
from lineage_diff.lineage.stage import Import
from lineage_diff.lineage.version import Hash, Version, hash_text

# A 64-bit integer, as columns of tables hold it.
_INTEGERS = range(-(2**63), 2**63)
_NO_VERSION = Version(None)
# The same paths and params recur in each commit.
_REMEMBERED = 1 << 13


class MadeOut(Struct, frozen=True, gc=False):
    """An out that a run made, with the commit that recorded the run."""

    commit: str
    stage: str
    kind: RunKind
    path: str
    version: Version


FindProducers = Callable[[str, Hash | None], Sequence[MadeOut]]
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
    run = record.run
    if run.cmd is not None:
        return "stage"
    return "add" if run.imported is None else "import"


def run_facts(
    run: RecordedRun, producers: FindProducers, is_model: Callable[[str], bool]
) -> list[Fact]:
    """Return the facts of a run but its metrics. `is_model` decides by the path of an out."""
    record, id_, repository = run.record, run.id, run.repository
    recorded = record.run
    start = RunFact(
        repository=repository,
        run=id_,
        commit=run.commit,
        certain=run.certain,
        current=run.current,
        stage=record.stage,
        kind=kind_of(record),
        file=record.file,
        command=command_text(recorded.cmd),
    )
    facts: list[Fact] = [start, *_params(repository, id_, recorded)]
    if recorded.imported is not None:
        facts.append(_import(run, id_, recorded.imported))
    else:
        facts += _inputs(repository, id_, recorded, producers)
    for path, version in sorted(recorded.outs.items()):
        url = outside_address(path)
        out = OutputFact(
            repository=repository,
            run=id_,
            path=url or path,
            url=url,
            hash=hash_text(version),
            size=version.size,
            files=version.nfiles,
            is_model=is_model(path),
        )
        facts.append(out)
    return facts


def _params(repository: str, id_: str, recorded: Run) -> Iterator[ParamFact]:
    files = tuple(recorded.param_files)
    for name, value in sorted(recorded.params.items()):
        file = _file_of(name, files)
        type_, scalar = typed_value(value)
        yield ParamFact(
            repository=repository,
            run=id_,
            file=file,
            key=name[len(file) + 1 :],
            type=type_,
            value=scalar,
        )


@lru_cache(_REMEMBERED)
def _file_of(name: str, files: tuple[str, ...]) -> str:
    """Return the file of `file:key`; either may contain a colon."""
    return max((file for file in files if name.startswith(f"{file}:")), key=len, default="")


def typed_value(value: Any) -> tuple[ValueType, Scalar]:
    """Return the value of a param as a scalar with its type; lists and mappings as JSON."""
    if value is None:
        return "null", value
    if isinstance(value, str):
        return "string", value
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int):
        return ("integer", value) if value in _INTEGERS else ("string", str(value))
    if isinstance(value, float):
        return ("number", value) if isfinite(value) else ("string", str(value))
    if isinstance(value, dict | list | tuple):
        return "json", json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return "string", str(value)


def _inputs(
    repository: str, id_: str, recorded: Run, producers: FindProducers
) -> Iterator[InputFact]:
    used: list[tuple[str, Version, UsedKind | None]] = [
        (path, version, None) for path, version in sorted(recorded.deps.items())
    ]
    others = recorded.param_files.keys() - recorded.deps.keys()
    used += [(file, _NO_VERSION, "params") for file in sorted(others)]
    for path, version, kind in used:
        url, hash_ = outside_address(path), hash_text(version)
        found: Sequence[MadeOut | None] = producers(path, version.hash)
        for made in found or (None,):
            yield InputFact(
                repository=repository,
                run=id_,
                path=url or path,
                kind=kind or _used_kind(path, made),
                url=url,
                hash=hash_,
                size=version.size,
                files=version.nfiles,
                made_by=run_id(repository, made.commit, made.stage) if made is not None else None,
                out=shown_path(made.path) if made is not None else None,
                out_hash=hash_text(made.version) if made is not None else None,
            )


def _used_kind(path: str, made: MadeOut | None) -> UsedKind:
    if made is not None:
        return "import" if made.kind == "import" else "data"
    return _kind_by_name(path)


@lru_cache(_REMEMBERED)
def _kind_by_name(path: str) -> UsedKind:
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
