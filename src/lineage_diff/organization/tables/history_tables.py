"""The tables of the history: their rows stay when commits are added."""

from typing import Final

from lineage_diff.organization.tables.schema import (
    AUTHORED,
    FILES,
    PATH,
    SIZE,
    STAGE,
    URL,
    Column,
    table_of,
)

_COMMIT = Column("commit", "string", "the commit that recorded it")
_ORDINAL = Column(
    "ordinal",
    "integer",
    "place of the commit among those that recorded a run, the oldest is 0",
)
_RUN = Column("run", "string", "UUIDv5 of repository, commit and stage")
_RUN_KIND = Column(
    "kind", "string", "`stage`: a command ran; `add`, `import`: a `.dvc` file records data"
)
_HASH = Column("hash", "string", "`algorithm:value` as DVC writes it", "not recorded")
_USED_KIND = Column("kind", "string", "`data`, `import`, `code`, `environment` or `params`")
_MADE_BY = Column("made_by", "string", "run that made it or a part of it", "no known run made it")
_FILE = Column("file", "string", "path of the file")
_KEY = Column("key", "string", "its key, joined by dots")

COMMITS: Final = table_of(
    "commits",
    "history",
    "The commits that recorded a run, or whose DVC files cannot be read.",
    ("commit",),
    Column("commit", "string", "full id"),
    Column("ordinal", "integer", _ORDINAL.about, "it recorded no run"),
    Column("date", "time", "the author's time", "it cannot be read"),
    *AUTHORED,
)

RUNS: Final = table_of(
    "runs",
    "history",
    "The runs that locks record, and the data that `.dvc` files record: once, in the commit that "
    "recorded it.",
    ("run",),
    _RUN,
    _COMMIT,
    _ORDINAL,
    STAGE,
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

ARTIFACTS: Final = table_of(
    "artifacts",
    "history",
    "The versions: outs that a run made, or that a `.dvc` file tracks.",
    ("hash", "path", "ordinal"),
    PATH,
    URL,
    _HASH,
    SIZE,
    FILES,
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
    STAGE,
    _RUN_KIND,
)

EDGES: Final = table_of(
    "edges",
    "history",
    "The versions that runs used: one row for each run that made the version or a part of it.",
    ("hash", "path", "run"),
    PATH,
    URL,
    _HASH,
    SIZE,
    FILES,
    _USED_KIND,
    Column("run", "string", "the run that used it"),
    _COMMIT,
    _ORDINAL,
    STAGE,
    _MADE_BY,
    Column("out", "string", "path of the out of that run", "no known run made it"),
    Column("out_hash", "string", "version of that out", "no known run made it, or not recorded"),
)

MADE_FROM: Final = table_of(
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
    PATH,
    URL,
    _HASH,
    _USED_KIND,
    _MADE_BY,
    Column("distance", "integer", "fewest runs from the version to the model, from 1", unit="runs"),
)

PARAMS: Final = table_of(
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

METRICS: Final = table_of(
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

SOURCES: Final = table_of(
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

UNKNOWNS: Final = table_of(
    "unknowns",
    "history",
    "What is missing from the tables, and why. Some rows are of the indexed commit alone.",
    ("subject",),
    Column("commit", "string", "commit with the file", "it is about the clone or the tables"),
    Column("subject", "string", "a file that cannot be read, `history`, or a table"),
    Column("reason", "string", "why it is unknown"),
)
