"""The facts of an export: flat, typed rows that name each other by keys.

A stream of facts has this order: the repository and what is unknown; the exported commit with its
stages, edges, datasets, models, freshness, other metrics and registered versions; then the runs,
in the order of the commits that recorded them, each followed by its own facts. A commit comes
before the first fact that names it. docs/export.md describes each field.

`repository` is the host with the name (`github.com/owner/name`), else `commit:` and the id of the
first commit. `commit` is a full id, `stage` the id of a stage (`path/dvc.yaml:name`, or the path of
a `.dvc` file), `run` a UUID. Paths are relative to the repository's root, with `/`; a byte that is
not UTF-8 is a lone surrogate. Hashes are `algorithm:value` as DVC writes them, `git:` for a blob or
tree id. Sizes are in bytes. No address has credentials. `None` is unknown.
"""

from typing import Literal

from msgspec import Struct

from lineage_diff.catalog.formats import ScopeName
from lineage_diff.lineage.lineage import IdentifiedBy
from lineage_diff.lineage.stage import OutKind
from lineage_diff.report.reasons import Freshness, ReasonKind

RunKind = Literal["stage", "add", "import"]
UsedKind = Literal["data", "import", "code", "environment", "params"]
ValueType = Literal["null", "boolean", "integer", "number", "string", "json"]
Scalar = str | int | float | bool | None


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """A row about one repository."""

    repository: str


class RepositoryFact(Fact, frozen=True, tag="repository", tag_field="fact"):
    """The repository. `url` is the address of its page, and `name` its path on the `host`.

    `head` is the exported commit and `rev` its name, as the user wrote it. `scope` tells which runs
    follow: those in force at the commit, or all that its history or a part of it recorded. The
    history is not `complete` in a shallow clone.
    """

    host: str | None
    name: str | None
    url: str | None
    head: str
    rev: str
    scope: ScopeName
    complete: bool
    tool_version: str


class UnknownFact(Fact, frozen=True, tag="unknown", tag_field="fact"):
    """What is missing from the facts, and why. `subject` is a file, or `history`."""

    commit: str | None
    subject: str
    reason: str


class CommitFact(Fact, frozen=True, tag="commit", tag_field="fact"):
    """A commit. `date` is the author's, in ISO 8601 with an offset from UTC."""

    commit: str
    date: str
    author: str
    subject: str
    pull_request: int | None


class StageFact(Fact, frozen=True, tag="stage", tag_field="fact"):
    """A stage as the exported commit declares it. `.dvc` files are of the kinds add and import.

    `line` counts from 1. The lines of `command` are joined by line ends; a `.dvc` file has none.
    `address` is the argument for `dvc repro`. `group` is its `foreach` or `matrix` entry.
    """

    commit: str
    stage: str
    kind: RunKind
    file: str
    line: int | None
    name: str | None
    address: str
    command: str | None
    wdir: str
    desc: str | None
    group: str | None
    frozen: bool
    always_changed: bool
    is_locked: bool


class EdgeFact(Fact, frozen=True, tag="edge", tag_field="fact"):
    """An edge of the graph of stages at the exported commit: `downstream` uses `upstream`.

    `dep` is the path of the downstream dep or params file, `out` that of the upstream out that
    overlaps it. `is_known_to_dvc` is false for an edge that `dvc dag` does not draw: it is through
    a symbolic link, or a `.dvc` file imports it from another repository.
    """

    commit: str
    upstream: str
    downstream: str
    dep: str
    out: str
    is_known_to_dvc: bool


class DatasetFact(Fact, frozen=True, tag="dataset", tag_field="fact"):
    """An out as the exported commit declares it, with its version there.

    DVC keeps it unless `cache` is false: then Git does. `remote` is the DVC remote that it names.
    `url` is the address of an out outside of the repository, `cloud_url` that of an out in a remote
    with `version_aware` or `worktree`, which keeps files as they are. `type`, `desc` and `labels`
    are those of its annotations.
    """

    commit: str
    path: str
    stage: str
    kind: OutKind
    cache: bool
    remote: str | None
    url: str | None
    cloud_url: str | None
    type: str | None
    desc: str | None
    labels: tuple[str, ...]
    hash: str | None
    size: int | None
    files: int | None


class ModelFact(Fact, frozen=True, tag="model", tag_field="fact"):
    """A model of the exported commit, with its version there.

    `out` is the out that holds it: its own path, or a folder around it, whose version is then not
    the model's. Both it and `stage` are `None` for a model that Git alone tracks. `name`, `desc`,
    `labels` and `meta` (as JSON) are those of its entry in `artifacts`, else `None`. `metrics` are
    the metrics files that measure it, `owners` those that its entry names, else its code owners.
    """

    commit: str
    path: str
    name: str | None
    identified_by: IdentifiedBy
    out: str | None
    stage: str | None
    desc: str | None
    labels: tuple[str, ...]
    meta: str | None
    hash: str | None
    size: int | None
    files: int | None
    metrics: tuple[str, ...]
    owners: tuple[str, ...]


class FileFact(Fact, frozen=True, tag="file", tag_field="fact"):
    """A file of the exported commit whose bytes were read, only in an export that asks for files.

    They are the DVC files, and the models and metrics files that Git tracks, `blob` being the id
    of its blob; with `None`, a model that was fetched from DVC's storage. `md5` and `sha256` are
    those of its bytes, `size` their number.
    """

    commit: str
    path: str
    blob: str | None
    md5: str
    sha256: str
    size: int


class FreshnessFact(Fact, frozen=True, tag="freshness", tag_field="fact"):
    """Whether a stage is fresh at the exported commit."""

    commit: str
    stage: str
    freshness: Freshness


class ReasonFact(Fact, frozen=True, tag="reason", tag_field="fact"):
    """A reason why a stage is stale or unknown, or a note; kinds are those of docs/freshness.md."""

    commit: str
    stage: str
    kind: ReasonKind
    subject: str
    detail: str | None


class RegisteredFact(Fact, frozen=True, tag="registered", tag_field="fact"):
    """A version in the registry of Git tags, at the tagged commit. `stages` are those of today.

    `path` and `hash` are those of its model at that commit; `None` where it names no such model.
    It is not `active` if it was deregistered or deprecated.
    """

    commit: str
    artifact: str
    version: str
    tag: str
    stages: tuple[str, ...]
    active: bool
    path: str | None
    hash: str | None


class RunFact(Fact, frozen=True, tag="run", tag_field="fact"):
    """A run of a stage as a lock records it, or what a `.dvc` file records: no command ran then.

    `commit` is the one that recorded it. It is not `certain` if the clone is shallow and an earlier
    commit may have. It is `current` if the exported commit still has it; `None` in an export of
    the history. An older run is in the export of a commit if a model or stage there still uses its
    outs. The id is a UUIDv5 of repository, commit and stage.
    """

    run: str
    commit: str
    certain: bool
    current: bool | None
    stage: str
    kind: RunKind
    file: str
    command: str | None


class ParamFact(Fact, frozen=True, tag="param", tag_field="fact"):
    """A param that a run used. The `value` of a list or mapping is JSON (`type` is `json`).

    An integer beyond 64 bits, and a number that is not finite, is a `string`.
    """

    run: str
    file: str
    key: str
    type: ValueType
    value: Scalar


class MetricFact(Fact, frozen=True, tag="metric", tag_field="fact"):
    """A number in a metrics file at a commit. `run` wrote the file, `None` if no lock says so.

    `models` are the paths of the models that the file measures at the exported commit.
    """

    commit: str
    run: str | None
    file: str
    key: str
    value: int | float
    models: tuple[str, ...]


class InputFact(Fact, frozen=True, tag="input", tag_field="fact"):
    """A version that a run used; once for each run that made it or a part of it.

    `path` is the dep's, or the params file's, which has no hash. `url` is its address if it lies
    outside of the repository. `made_by` is the run that made it, `out` the out of that run: the
    same path, a folder around the dep, or a path inside it; `out_hash` is the version that the run
    recorded. They are `None` if no known run made it.
    """

    run: str
    path: str
    kind: UsedKind
    url: str | None
    hash: str | None
    size: int | None
    files: int | None
    made_by: str | None
    out: str | None
    out_hash: str | None


class OutputFact(Fact, frozen=True, tag="output", tag_field="fact"):
    """A version that a run made, or that a `.dvc` file tracks.

    `url` is its address if it lies outside of the repository. `is_model` is true for a model of the
    exported commit, a registered one, and a removed path that looks like one.
    """

    run: str
    path: str
    url: str | None
    hash: str | None
    size: int | None
    files: int | None
    is_model: bool


class ImportFact(Fact, frozen=True, tag="import", tag_field="fact"):
    """The source of an import, whose `run` is what its `.dvc` file or lock records.

    `source` is a URL or path, `path` the path there, `rev` the requested revision and `rev_lock`
    the imported one. `source_repository` is the `repository` of the facts of the one that it names.
    `hash` is the version of the source, such as an ETag.
    """

    run: str
    kind: Literal["repo", "url", "db", "dataset"]
    source: str
    source_repository: str | None
    path: str | None
    rev: str | None
    rev_lock: str | None
    hash: str | None


AnyFact = (
    RepositoryFact
    | UnknownFact
    | CommitFact
    | StageFact
    | EdgeFact
    | DatasetFact
    | ModelFact
    | FileFact
    | FreshnessFact
    | ReasonFact
    | RegisteredFact
    | RunFact
    | ParamFact
    | MetricFact
    | InputFact
    | OutputFact
    | ImportFact
)
