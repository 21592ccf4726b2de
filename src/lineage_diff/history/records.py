"""Make the records of a history from lock entries and `.dvc` files."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from lineage_diff.dvc.lock.datasets import (
    SCHEME,
    dataset_id,
    dataset_version,
    import_of,
)
from lineage_diff.dvc.lock.fast_parser import LockBlock
from lineage_diff.lineage.history import Record, Run
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.version import Version
from lineage_diff.parsing.work_budget import WorkBudget


def block_record(file: str, base: str, block: LockBlock, work: WorkBudget) -> Record:
    """Return the record of a stage of a pipeline `file`, whose paths are relative to `base`.

    Its run is read when it is needed: that raises `DamagedBlockError`, and `TooMuchWorkError` for
    more than the `work` allows.
    """
    paths = tuple([join(base, path) for path in block.paths])
    return Record(f"{file}:{block.name}", file, paths, partial(_block_run, base, block, work))


def dataset_record(file: str, name: str, entry: Mapping[str, Any]) -> Record:
    """Return the record of a dataset of a pipeline `file` from its entry in the lock."""
    path = SCHEME + name
    run = Run(None, {}, {path: dataset_version(entry) or Version(None)}, imported=import_of(entry))
    return Record(dataset_id(file, name), file, (path,), lambda: run)


def record_of(stage: Stage, entry: LockEntry) -> Record:
    """Return the record of a stage's run from a lock entry."""
    paths = tuple(join(stage.wdir, path) for path in entry.outs)
    return Record(stage.id, stage.file, paths, partial(_run_of, stage.wdir, entry))


def _block_run(base: str, block: LockBlock, work: WorkBudget) -> Run:
    return _run_of(base, block.entry(work=work))


def _run_of(base: str, entry: LockEntry) -> Run:
    files = {join(base, path): values for path, values in entry.params.items()}
    params: dict[str, Any] = {}
    for path, values in files.items():
        for key, value in values.items():
            if isinstance(value, dict) and value:
                params |= {f"{path}:{name}": leaf for name, leaf in _leaves(value, str(key))}
            else:
                params[f"{path}:{key}"] = value
    cmd = entry.cmd if entry.cmd is not None else ""
    deps, outs = _by_full_path(base, entry.deps), _by_full_path(base, entry.outs)
    return Run(cmd, deps, outs, params, param_files=files)


def _by_full_path(wdir: str, versions: Mapping[str, Version]) -> Mapping[str, Version]:
    return {join(wdir, path): version for path, version in versions.items()}


def _leaves(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Yield values with their keys joined by dots, as `dvc params diff` does."""
    for key, value in values.items():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, name)
        else:
            yield name, value


def dvc_file_record(stage: Stage) -> Record:
    """Return the record of a `.dvc` file."""
    deps = {dep.path: _unlisted(dep.locked) for dep in stage.deps}
    outs = {out.path: _unlisted(out.locked) for out in stage.outs}
    run = Run(stage.cmd, deps, outs, imported=stage.imported)
    return Record(stage.id, stage.file, tuple(outs), lambda: run)


def _unlisted(version: Version | None) -> Version:
    """Return a version without the listing of its files: a history holds very many."""
    return Version(version.hash, version.size, version.nfiles) if version else Version(None)
