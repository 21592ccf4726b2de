"""The tables of the indexed commit: each index replaces their rows."""

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

_HEAD = Column("commit", "string", "the indexed commit")

GENERATIONS: Final = table_of(
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

REPOSITORIES: Final = table_of(
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
    *AUTHORED,
    Column("runs", "strings", "runs in force at that commit, by the names of their stages"),
)

MODELS: Final = table_of(
    "models",
    "head",
    "The models of the indexed commit.",
    ("hash", "path"),
    _HEAD,
    PATH,
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
    SIZE,
    FILES,
    Column("metrics", "strings", "metrics files that measure it"),
    Column("owners", "strings", "owners that its entry names in `meta`, else its code owners"),
)

REGISTRY: Final = table_of(
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

FRESHNESS: Final = table_of(
    "freshness",
    "head",
    "The stages of the indexed commit, as it declares them. The three lists have the same order.",
    ("stage",),
    _HEAD,
    STAGE,
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

STAGE_EDGES: Final = table_of(
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

OUTS: Final = table_of(
    "outs",
    "head",
    "The outs, as the indexed commit declares them.",
    ("hash", "path"),
    _HEAD,
    PATH,
    Column("stage", "string", "stage or `.dvc` file that makes it"),
    Column("kind", "string", "`out`, `metrics` or `plots`"),
    Column("cache", "boolean", "DVC keeps it; false: Git does"),
    Column("remote", "string", "DVC remote that it names", "the default one"),
    URL,
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
    SIZE,
    FILES,
)
