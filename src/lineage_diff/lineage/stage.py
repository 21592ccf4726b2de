"""A stage as declared in `dvc.yaml` or a `.dvc` file, and its last run from `dvc.lock`."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from lineage_diff.lineage.paths import lock_beside
from lineage_diff.lineage.version import Version

Command = str | tuple[str, ...] | None
OutKind = Literal["out", "metrics", "plots"]


class Dep(Struct, frozen=True, gc=False):
    """A dependency. `declared` is as written, `path` relative to the repository's root with `/`;
    for a URL, an absolute path or one above the root, `path` is as written and `external` true.

    `target` is where links in Git lead from there, `None` unless DVC tracks something there or a
    submodule holds it; `inner_targets` are those of the links in a folder. `absolute` is an
    absolute path as written, where `path` and `declared` are taken from the lock.
    """

    path: str
    declared: str
    external: bool = False
    locked: Version | None = None
    target: str | None = None
    inner_targets: tuple[str, ...] = ()
    absolute: str | None = None

    @property
    def reached(self) -> str:
        """The path with its links followed."""
        return self.path if self.target is None else self.target


class Out(Struct, frozen=True, gc=False):
    """An output, with the flags and annotations of DVC's `outs`, `metrics` and `plots`.

    `plot` holds the properties that `plots` gives it: `x`, `y`, `template`, …. `absolute` is as
    that of a dep.
    """

    path: str
    declared: str
    external: bool = False
    locked: Version | None = None
    kind: OutKind = "out"
    cache: bool = True
    persist: bool = False
    push: bool = True
    remote: str | None = None
    type: str | None = None
    desc: str | None = None
    labels: tuple[str, ...] = ()
    plot: Mapping[str, Any] | None = None
    absolute: str | None = None


class ParamDep(Struct, frozen=True, gc=False):
    """The keys that a stage uses from one params file; no keys means the whole file.

    `locked` holds the values recorded in `dvc.lock`, `None` if it records none. `target` is where
    links lead from there, as for a dep. `recorded` are the keys that a run records, `None` if it
    records all: of a file that a stage names by two paths, DVC records the keys of one.
    """

    path: str
    declared: str
    keys: tuple[str, ...]
    locked: Mapping[str, Any] | None = None
    target: str | None = None
    recorded: tuple[str, ...] | None = None


class Import(Struct, frozen=True, gc=False):
    """The source of an imported `.dvc` file."""

    kind: Literal["repo", "url", "db", "dataset"]
    source: str
    path: str | None = None
    rev: str | None = None
    rev_lock: str | None = None
    locked: Version | None = None


class LockEntry(Struct, frozen=True, gc=False):
    """One stage's block of `dvc.lock`, with paths as written there.

    `line` counts from 1, `None` if unknown.
    """

    cmd: Command
    deps: Mapping[str, Version]
    outs: Mapping[str, Version]
    params: Mapping[str, Mapping[str, Any]]
    line: int | None = None


Part = tuple[str, str, str]


def lock_parts(entry: LockEntry) -> frozenset[Part]:
    """Return the parts of an entry: its command, each hash by path, each param by file and key.

    The first item of a part is `cmd`, `deps`, `outs` or the params file.
    """
    found: set[Part] = {("cmd", "", repr(entry.cmd))}
    for kind, versions in (("deps", entry.deps), ("outs", entry.outs)):
        found.update((kind, path, str(version.hash)) for path, version in versions.items())
    for file, values in entry.params.items():
        found.update((f"{file}:", key, repr(value)) for key, value in values.items())
    return frozenset(found)


class Stage(Struct, frozen=True, gc=False):
    """A stage of `dvc.yaml`, or a `.dvc` file, which DVC reads as one stage without a name.

    `id` is unique at a commit: `path/to/dvc.yaml:name`, or the `.dvc` file's path.
    `group` is the `foreach` or `matrix` entry that generated it. `line` and `lock.line` count
    from 1.
    """

    id: str
    name: str | None
    file: str
    wdir: str
    cmd: Command = None
    deps: tuple[Dep, ...] = ()
    outs: tuple[Out, ...] = ()
    params: tuple[ParamDep, ...] = ()
    lock: LockEntry | None = None
    frozen: bool = False
    always_changed: bool = False
    desc: str | None = None
    group: str | None = None
    imported: Import | None = None
    line: int | None = None

    @property
    def is_dvcfile(self) -> bool:
        """Whether it comes from a `.dvc` file (`dvc add`, `dvc import`) and not from a pipeline."""
        return self.name is None

    @property
    def is_dataset(self) -> bool:
        """Whether it represents an entry of `datasets` in a `dvc.yaml`, its out the `ds://` dep."""
        return self.imported is not None and self.imported.kind == "dataset"

    @property
    def needs_lock(self) -> bool:
        """Whether DVC calls it changed without a lock entry; for a frozen stage only outs count."""
        return bool(self.outs or (not self.frozen and (self.deps or self.params)))

    @property
    def own_files(self) -> tuple[str, ...]:
        """The files that DVC reads it from: a pipeline and its lock, or a `.dvc` file."""
        return (self.file,) if self.is_dvcfile else (self.file, lock_beside(self.file))

    @property
    def used_paths(self) -> list[str]:
        """The paths of its deps and of its params files: for DVC both are dependencies."""
        return [dep.path for dep in self.deps] + [param.path for param in self.params]

    @property
    def linked_paths(self) -> list[tuple[str, str]]:
        """The deps and params files by their paths, each with a path that a link leads to."""
        found = [
            (dep.path, target)
            for dep in self.deps
            for target in (dep.target, *dep.inner_targets)
            if target is not None
        ]
        return found + [(item.path, item.target) for item in self.params if item.target is not None]

    @property
    def address(self) -> str:
        """The argument for `dvc repro`: `train`, `ranking/dvc.yaml:rank`, `raw.csv.dvc`."""
        return self.name if self.name is not None and self.file == "dvc.yaml" else self.id
