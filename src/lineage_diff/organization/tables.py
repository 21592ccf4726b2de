"""The tables of an organization's store, column by column.

The schema of the stored files, and the section on tables in docs/organization.md, are generated
from this module. Every table also has the columns of `COMMON`. A repository's rows are its part;
rows of the part are visible if `generations` has a row with their repository and generation.

`repository`, paths, hashes and ids are those of `catalog.facts`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

SCHEMA_VERSION: Final = 2
"""Raised when a table or column is added, is removed or changes its meaning."""

ColumnType = Literal["string", "integer", "number", "boolean", "time", "strings"]
"""`integer` has 64 bits, `number` is a double, `time` a UTC timestamp in microseconds."""
PartKind = Literal["history", "head"]
"""Rows that stay when commits are added, and rows that each index replaces."""
Cell = str | int | float | bool | datetime | tuple[str, ...] | None
Row = tuple[Cell, ...]
TableRow = tuple[PartKind, str, Row]
"""The kind of its write, its table, and its values in the order of the table's own columns."""


class Column(Struct, frozen=True):
    """A column. `null` says what null means; without it, the column has no null."""

    name: str
    type: ColumnType
    about: str
    null: str | None = None
    unit: str | None = None


class TableSchema(Struct, frozen=True):
    """A table, without the columns of `COMMON`. `sort` are the columns that order its files.

    A table of the `kind` history also has rows of the head, if `about` says so.
    """

    name: str
    kind: PartKind
    about: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """All its columns, in the order of the stored files."""
        return (*COMMON, *self.columns)


COMMON: Final = (
    Column(
        "repository",
        "string",
        "host and name, `github.com/owner/name`, or `commit:` and the id of the first commit",
    ),
    Column("generation", "string", "id of the write; the row counts if `generations` has the pair"),
)

_COMMIT = Column("commit", "string", "the commit that recorded it")
_ORDINAL = Column(
    "ordinal",
    "integer",
    "place of the commit among those that recorded a run, the oldest is 0",
)
_RUN = Column("run", "string", "UUIDv5 of repository, commit and stage")
_STAGE = Column("stage", "string", "id `path/dvc.yaml:name`, or the path of a `.dvc` file")
_RUN_KIND = Column(
    "kind", "string", "`stage`: a command ran; `add`, `import`: a `.dvc` file records data"
)
_PATH = Column("path", "string", "relative to the root of the repository, or its address")
_URL = Column("url", "string", "address of a path outside of the repository", "it lies inside")
_HASH = Column("hash", "string", "`algorithm:value` as DVC writes it", "not recorded")
_SIZE = Column("size", "integer", "size of the content", "not recorded", "bytes")
_FILES = Column("files", "integer", "number of files in a folder", "a file, or not recorded")
_USED_KIND = Column("kind", "string", "`data`, `import`, `code`, `environment` or `params`")
_MADE_BY = Column("made_by", "string", "run that made it or a part of it", "no known run made it")
_FILE = Column("file", "string", "path of the file")
_KEY = Column("key", "string", "its key, joined by dots")
_HEAD = Column("commit", "string", "the indexed commit")
_AUTHOR_DATE = Column("author_date", "string", "the author's time in ISO 8601, with its offset")
_AUTHOR = Column("author", "string", "name of the author")
_SUBJECT = Column("subject", "string", "first line of the message", "redacted, or empty")
_PULL_REQUEST = Column(
    "pull_request", "integer", "number that GitHub wrote into the subject", "none"
)


def _table(
    name: str, kind: PartKind, about: str, sort: tuple[str, ...], *columns: Column
) -> TableSchema:
    return TableSchema(name, kind, about, columns, sort)


GENERATIONS: Final = _table(
    "generations",
    "head",
    "The visible writes of each part. It is written last, in one transaction, so that a part is "
    "seen whole or not at all.",
    (),
    Column(
        "kind", "string", "`history`: rows that stay; `head`: rows that the next index replaces"
    ),
    Column("head", "string", "commit up to which it holds the history"),
    Column("base", "string", "commit before its first one", "it begins with the first commit"),
    Column("runs", "integer", "number of runs that it holds"),
    Column("settings", "string", "digest of all that the rows depend on besides the commits"),
    Column("schema_version", "integer", "version of these tables"),
    Column("tool_version", "string", "version of lineage-diff"),
    Column("written", "time", "time of the write"),
)

REPOSITORIES: Final = _table(
    "repositories",
    "head",
    "The repositories, as they were indexed last.",
    (),
    Column("host", "string", "its server, such as `github.com`", "it is on no server"),
    Column("name", "string", "its path there, such as `owner/name`", "it is on no server"),
    Column("url", "string", "address of its page, without credentials", "it is on no server"),
    Column("head", "string", "the indexed commit"),
    Column("date", "time", "the author's time of that commit", "it cannot be read"),
    Column("rev", "string", "the commit, as the user named it"),
    Column(
        "complete", "boolean", "false: a shallow clone, nothing before its oldest commit is known"
    ),
    _AUTHOR_DATE,
    _AUTHOR,
    _SUBJECT,
    _PULL_REQUEST,
    Column("runs", "strings", "runs in force at that commit, by the names of their stages"),
)

COMMITS: Final = _table(
    "commits",
    "history",
    "The commits that recorded a run, or whose DVC files cannot be read.",
    ("commit",),
    Column("commit", "string", "full id"),
    Column("ordinal", "integer", _ORDINAL.about, "it recorded no run"),
    Column("date", "time", "the author's time", "it cannot be read"),
    _AUTHOR_DATE,
    _AUTHOR,
    _SUBJECT,
    _PULL_REQUEST,
)

RUNS: Final = _table(
    "runs",
    "history",
    "The runs that locks record, and the data that `.dvc` files record: once, in the commit that "
    "recorded it.",
    ("run",),
    _RUN,
    _COMMIT,
    _ORDINAL,
    _STAGE,
    _RUN_KIND,
    Column("file", "string", "the `dvc.yaml` or `.dvc` file"),
    Column(
        "command",
        "string",
        "the command that ran, a list joined by line ends",
        "none ran, or redacted",
    ),
    Column(
        "certain", "boolean", "false: the clone is shallow; an earlier commit may have recorded it"
    ),
)

ARTIFACTS: Final = _table(
    "artifacts",
    "history",
    "The versions: outs that a run made, or that a `.dvc` file tracks.",
    ("hash", "path", "ordinal"),
    _PATH,
    _URL,
    _HASH,
    _SIZE,
    _FILES,
    Column(
        "is_model",
        "boolean",
        "it is a model, a folder with one, or a removed path that looks like one",
    ),
    Column(
        "traced",
        "boolean",
        "true: `made_from` has every version behind it; false: unknown, there are too many or a "
        "run is missing, so follow `edges`",
        "it is no model",
    ),
    _RUN,
    _COMMIT,
    _ORDINAL,
    _STAGE,
    _RUN_KIND,
)

EDGES: Final = _table(
    "edges",
    "history",
    "The versions that runs used: one row for each run that made the version or a part of it.",
    ("hash", "path", "run"),
    _PATH,
    _URL,
    _HASH,
    _SIZE,
    _FILES,
    _USED_KIND,
    Column("run", "string", "the run that used it"),
    _COMMIT,
    _ORDINAL,
    _STAGE,
    _MADE_BY,
    Column("out", "string", "path of the out of that run", "no known run made it"),
    Column("out_hash", "string", "version of that out", "no known run made it, or not recorded"),
)

MADE_FROM: Final = _table(
    "made_from",
    "history",
    "For each version of a model, every version behind it in the same repository, once for each "
    "run that made it. A folder that holds a version, or is held, has a row of its own.",
    ("hash", "path", "run", "model"),
    Column("model", "string", "path of the model, or of the folder with it"),
    Column("model_hash", "string", "version of the model", "not recorded"),
    Column("run", "string", "run that made the model"),
    _COMMIT,
    _ORDINAL,
    _PATH,
    _URL,
    _HASH,
    _USED_KIND,
    _MADE_BY,
    Column("distance", "integer", "fewest runs from the version to the model, from 1", unit="runs"),
)

PARAMS: Final = _table(
    "params",
    "history",
    "The params that runs used.",
    ("run", "file", "key"),
    _RUN,
    _FILE,
    _KEY,
    Column(
        "type",
        "string",
        "`null`, `boolean`, `integer`, `number`, `string` or `json`; the last is a list or mapping",
    ),
    Column(
        "value", "string", "its value as text; of a string itself, else JSON", "the value is null"
    ),
    Column("number", "number", "its value, nearest double of an integer", "it is no number"),
)

METRICS: Final = _table(
    "metrics",
    "history",
    "The numbers in metrics files, once for each run that wrote them. Numbers that no run wrote "
    "are those of the indexed commit. `models.metrics` says which models a file measures.",
    ("file", "key", "ordinal"),
    Column("run", "string", "run that wrote the file", "no lock records one"),
    Column("commit", "string", "commit with this value"),
    Column("ordinal", "integer", _ORDINAL.about, "no lock records a run"),
    _FILE,
    _KEY,
    Column("value", "number", "its value, nearest double of an integer"),
    Column("json", "string", "its value as JSON, exact also for a large integer"),
)

MODELS: Final = _table(
    "models",
    "head",
    "The models of the indexed commit.",
    ("hash", "path"),
    _HEAD,
    _PATH,
    Column("name", "string", "name under `artifacts`", "none"),
    Column("identified_by", "string", "`artifact`, `annotation`, `config` or `convention`"),
    Column("out", "string", "out that holds it: itself, or a folder", "Git alone tracks it"),
    Column("stage", "string", "stage that makes the out", "Git alone tracks it"),
    Column("freshness", "string", "`fresh`, `stale` or `unknown`", "no stage makes it"),
    Column("run", "string", "run that made the out", "no known run made it"),
    Column("made", "string", "commit that recorded that run", "no known run made it"),
    Column("desc", "string", "of its entry under `artifacts`", "none, or redacted"),
    Column("labels", "strings", "of its entry under `artifacts`"),
    Column("meta", "string", "of its entry under `artifacts`, as JSON", "none, or redacted"),
    Column("hash", "string", "version at the commit", "not recorded, or only that of a folder"),
    _SIZE,
    _FILES,
    Column("metrics", "strings", "metrics files that measure it"),
    Column("owners", "strings", "owners that its entry names in `meta`, else its code owners"),
)

REGISTRY: Final = _table(
    "registry",
    "head",
    "The versions in the registry of Git tags.",
    ("hash", "artifact", "version"),
    Column("artifact", "string", "name in the tag"),
    Column("version", "string", "such as `v1.2.0`"),
    Column("tag", "string", "the tag that registers it"),
    Column("commit", "string", "the tagged commit"),
    Column("stages", "strings", "its stages of today, such as `prod`"),
    Column("active", "boolean", "false: deregistered or deprecated"),
    Column(
        "path", "string", "path of the model at that commit", "it has no such model, or is not read"
    ),
    Column("hash", "string", "version of the model there", "as of `path`, or not recorded"),
    Column("ordinal", "integer", "place of the version, by artifact and the time of the tags"),
)

SOURCES: Final = _table(
    "sources",
    "history",
    "The sources of imports: `dvc import`, `import-url`, `import-db` and datasets.",
    ("source_repository", "path", "run"),
    Column("run", "string", "run that records the import; `artifacts` has what it made"),
    _COMMIT,
    _ORDINAL,
    Column("kind", "string", "`repo`, `url`, `db` or `dataset`"),
    Column("source", "string", "URL or path, without credentials"),
    Column(
        "source_repository",
        "string",
        "the `repository` that it names",
        "another kind of import, or it is on no server",
    ),
    Column("path", "string", "path in the source", "none"),
    Column("rev", "string", "requested revision", "none"),
    Column("rev_lock", "string", "imported revision", "none"),
    Column("hash", "string", "version of the source, such as an ETag", "none"),
)

FRESHNESS: Final = _table(
    "freshness",
    "head",
    "The stages of the indexed commit, as it declares them. The three lists have the same order.",
    ("stage",),
    _HEAD,
    _STAGE,
    Column("freshness", "string", "`fresh`, `stale` or `unknown`", "not decided"),
    Column("reasons", "strings", "kinds of its reasons and notes"),
    Column("subjects", "strings", "for each reason the path, `file:key` or stage"),
    Column("details", "strings", "for each reason what there is to add, else empty, or redacted"),
    Column("kind", "string", "`stage`, `add` or `import`"),
    Column("file", "string", "the `dvc.yaml` or `.dvc` file"),
    Column("line", "integer", "its line there, from 1", "unknown"),
    Column("name", "string", "name in `dvc.yaml`", "a `.dvc` file"),
    Column("address", "string", "argument for `dvc repro`"),
    Column("command", "string", "`cmd`, a list joined by line ends", "none, or redacted"),
    Column("wdir", "string", "folder that its paths are relative to, empty for the root"),
    Column("desc", "string", "its `desc`", "none, or redacted"),
    Column(
        "generated_by",
        "string",
        "the `foreach` or `matrix` entry that generated it",
        "none, or redacted",
    ),
    Column("frozen", "boolean", "it is frozen"),
    Column("always_changed", "boolean", "it is `always_changed`"),
    Column("is_locked", "boolean", "`dvc.lock` has an entry of it"),
)

STAGE_EDGES: Final = _table(
    "stage_edges",
    "head",
    "The edges of the graph of stages, as the indexed commit declares it. `edges` has what runs "
    "used.",
    ("downstream", "upstream", "dep"),
    _HEAD,
    Column("upstream", "string", "stage that makes `out`"),
    Column("downstream", "string", "stage that uses `dep`"),
    Column("dep", "string", "path of the dep or params file"),
    Column("out", "string", "path of the out, which equals it, contains it or lies inside it"),
    Column(
        "is_known_to_dvc",
        "boolean",
        "`dvc dag` draws it; false: it leads through a symbolic link, or to an import from a "
        "repository",
    ),
)

OUTS: Final = _table(
    "outs",
    "head",
    "The outs, as the indexed commit declares them.",
    ("hash", "path"),
    _HEAD,
    _PATH,
    Column("stage", "string", "stage or `.dvc` file that makes it"),
    Column("kind", "string", "`out`, `metrics` or `plots`"),
    Column("cache", "boolean", "DVC keeps it; false: Git does"),
    Column("remote", "string", "DVC remote that it names", "the default one"),
    _URL,
    Column(
        "cloud_url",
        "string",
        "address in a remote with `version_aware` or `worktree`",
        "another remote, none is known, or redacted",
    ),
    Column("type", "string", "annotation", "none, or redacted"),
    Column("desc", "string", "annotation", "none, or redacted"),
    Column("labels", "strings", "annotation"),
    Column("hash", "string", "version at the commit", "none recorded"),
    _SIZE,
    _FILES,
)

UNKNOWNS: Final = _table(
    "unknowns",
    "history",
    "What is missing from the tables, and why. Some rows are of the indexed commit alone.",
    ("subject",),
    Column("commit", "string", "commit with the file", "it is about the clone or the tables"),
    Column("subject", "string", "a file that cannot be read, `history`, or a table"),
    Column("reason", "string", "why it is unknown"),
)

TABLES: Final[Mapping[str, TableSchema]] = {
    table.name: table
    for table in (
        GENERATIONS,
        REPOSITORIES,
        COMMITS,
        RUNS,
        ARTIFACTS,
        EDGES,
        MADE_FROM,
        PARAMS,
        METRICS,
        MODELS,
        REGISTRY,
        SOURCES,
        FRESHNESS,
        STAGE_EDGES,
        OUTS,
        UNKNOWNS,
    )
}
"""All tables by name. `generations` is written last and read first."""


def visible_rows(table: TableSchema) -> str:
    """Return the SQL of a table's visible rows, for DataFusion, DuckDB and Spark.

    It names the stored tables by their own names.
    """
    columns = ", ".join(f"t.{column.name}" for column in table.all_columns)
    return (
        f"SELECT {columns} FROM {table.name} t JOIN generations g "  # noqa: S608  # our own names
        "ON t.repository = g.repository AND t.generation = g.generation"
    )
