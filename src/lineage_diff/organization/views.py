"""The SQL of the answers as views: one text for DataFusion, DuckDB and Spark.

A stored table is registered as `stored_` and its name; the view of its own name has its visible
rows. The other views answer questions. None is recursive: `made_from` has the closure within a
repository, and `answers.impact` joins the repositories.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from lineage_diff.organization.redaction import DIGEST_PATTERN
from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.tables.schema import TableSchema

STORED = "stored_"
"""The prefix of the stored tables."""


class View(Struct, frozen=True):
    """A view: its name, what its rows are, and its query."""

    name: str
    about: str
    sql: str

    @property
    def statement(self) -> str:
        """The statement that creates it."""
        return f"CREATE OR REPLACE VIEW {self.name} AS\n{self.sql};"


def content_key(column: str) -> str:
    """Return SQL for what two hashes of the same content have in common: `same_hash`."""
    return f"replace({column}, 'md5-dos2unix:', 'md5:')"


def visible_rows(table: TableSchema, prefix: str = STORED) -> View:
    """Return the view of a table's visible rows. The names of stored tables have a prefix."""
    columns = ", ".join(f"t.{column.name}" for column in table.all_columns)
    own = f"SELECT {columns}\nFROM {prefix}{table.name} t"
    if table.name == "generations":
        return View(table.name, table.about, own)
    return View(
        table.name,
        table.about,
        f"{own}\n"
        f"JOIN {prefix}generations g\n"
        "  ON t.repository = g.repository AND t.generation = g.generation",
    )


MODEL_VERSIONS: Final = View(
    "model_versions",
    "The versions of each model, with the run and commit that made them, and the commit that "
    "recorded the next one (`next_commit`, null: it is the last).",
    """\
SELECT a.repository, a.path AS model, a.hash AS model_hash, a.size, a.run, a.commit, a.ordinal,
  a.stage, a.kind, a.traced,
  LEAD(a.commit) OVER (PARTITION BY a.repository, a.path ORDER BY a.ordinal) AS next_commit
FROM artifacts a
WHERE a.traced IS NOT NULL""",
)

IMPACT: Final = View(
    "impact",
    "Each version behind a version of a model in the same repository, with the commit and date of "
    "the model's version. `in_use`: the model of the indexed commit is of this run.",
    """\
SELECT f.hash, f.path, f.url, f.kind, f.made_by, f.distance, f.repository, f.model, f.model_hash,
  f.run, f.commit, f.ordinal, c.date, c.author, c.pull_request, m.run IS NOT NULL AS in_use
FROM made_from f
LEFT JOIN commits c ON f.repository = c.repository AND f.commit = c.commit
LEFT JOIN (
  SELECT DISTINCT repository, out, run FROM models WHERE run IS NOT NULL
) m ON f.repository = m.repository AND f.model = m.out AND f.run = m.run""",
)

IMPORTS: Final = View(
    "imports",
    "Each version that a repository imported, with the source. `source_hash` is the version of "
    "the source, such as an ETag.",
    """\
SELECT s.repository, s.run, s.commit, s.ordinal, a.stage, a.path, a.hash, a.size, s.kind, s.source,
  s.source_repository, s.path AS source_path, s.rev, s.rev_lock, s.hash AS source_hash
FROM sources s
JOIN artifacts a ON s.repository = a.repository AND s.run = a.run""",
)

REPOSITORY_JOINS: Final = View(
    "repository_joins",
    "The imports whose content a run of the source repository made: same repository, path and "
    "hash, and the revision where the tables know it.",
    f"""\
SELECT DISTINCT i.repository, i.path, i.hash, i.run, i.source_repository, i.source_path,
  i.rev_lock, s.run AS source_run, s.commit AS source_commit
FROM imports i
JOIN artifacts s
  ON i.source_repository = s.repository AND i.source_path = s.path
  AND {content_key("i.hash")} = {content_key("s.hash")}""",
)

CURRENT_VERSIONS: Final = View(
    "current_versions",
    "The last version that a run made of each path.",
    """\
SELECT repository, path, hash, size, run, commit, ordinal, stage, kind FROM (
  SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a.repository, a.path ORDER BY a.run) AS place
  FROM (
    SELECT repository, path, MAX(ordinal) AS ordinal FROM artifacts GROUP BY repository, path
  ) l
  JOIN artifacts a ON a.repository = l.repository AND a.path = l.path AND a.ordinal = l.ordinal
) ranked
WHERE place = 1""",
)

MODELS_NOW: Final = View(
    "models_now",
    "The models of the indexed commits, with the date of the commit that made them and the reasons "
    "of their freshness.",
    """\
SELECT m.repository, m.path, m.name, m.out, m.stage, m.hash, m.size, m.freshness, m.run, m.made,
  c.date AS made_date, m.owners, f.reasons, f.subjects, m.commit
FROM models m
LEFT JOIN commits c ON m.repository = c.repository AND m.made = c.commit
LEFT JOIN freshness f ON m.repository = f.repository AND m.stage = f.stage""",
)

STALE_MODELS: Final = View(
    "stale_models",
    "The models of the indexed commits that are stale, or whose freshness is unknown.",
    """\
SELECT * FROM models_now WHERE freshness <> 'fresh'""",
)

# The outs of the indexed commits: an import or a source that was removed is not in force.
IN_FORCE: Final = """\
FROM current_versions v
JOIN (SELECT DISTINCT repository, path, stage FROM outs) o
  ON v.repository = o.repository AND v.path = o.path AND v.stage = o.stage
JOIN sources i ON v.repository = i.repository AND v.run = i.run"""
_THERE = "(SELECT DISTINCT repository, path FROM outs) t"

OUTDATED_IMPORTS: Final = View(
    "outdated_imports",
    "The imports in force whose source has another version now. `rev` is not null where the import "
    "is of a fixed revision. DVC 2 and 3 name the same content `md5-dos2unix` and `md5`.",
    f"""\
SELECT v.repository, v.path, v.hash, v.run, i.rev, i.rev_lock, i.source_repository,
  i.path AS source_path, s.hash AS source_hash, s.commit AS source_commit
{IN_FORCE}
JOIN current_versions s
  ON i.source_repository = s.repository AND i.path = s.path
JOIN {_THERE}
  ON s.repository = t.repository AND s.path = t.path
WHERE i.kind = 'repo'
  AND {content_key("v.hash")} <> {content_key("s.hash")}""",
)

UNKNOWN_IMPORTS: Final = View(
    "unknown_imports",
    "The imports in force from an indexed repository of which the tables cannot say whether they "
    "are outdated. `reason`: `import`, their own version is not recorded; `source`, that of the "
    "source is not; `redacted`, the import has a digest in place of the path, or the source has "
    "digests, and none of its paths is the imported one; `path`, no run made the path of the "
    "source, as of a part of a folder, or of a file that Git alone tracks; `gone`, no out of the "
    "source's indexed commit has the path any more.",
    f"""\
SELECT v.repository, v.path, v.hash, v.run, i.rev, i.rev_lock, i.source_repository,
  i.path AS source_path,
  CASE
    WHEN s.path IS NULL AND (i.path LIKE '{DIGEST_PATTERN}' OR d.repository IS NOT NULL)
      THEN 'redacted'
    WHEN s.path IS NULL THEN 'path'
    WHEN t.path IS NULL THEN 'gone'
    WHEN s.hash IS NULL THEN 'source'
    ELSE 'import'
  END AS reason
{IN_FORCE}
JOIN repositories r ON i.source_repository = r.repository
LEFT JOIN current_versions s
  ON i.source_repository = s.repository AND i.path = s.path
LEFT JOIN {_THERE}
  ON s.repository = t.repository AND s.path = t.path
LEFT JOIN (
  SELECT DISTINCT repository FROM current_versions WHERE path LIKE '{DIGEST_PATTERN}'
) d ON i.source_repository = d.repository
WHERE i.kind = 'repo' AND (v.hash IS NULL OR s.hash IS NULL OR t.path IS NULL)""",
)

ANSWERS: Final = (
    MODEL_VERSIONS,
    IMPACT,
    IMPORTS,
    REPOSITORY_JOINS,
    CURRENT_VERSIONS,
    MODELS_NOW,
    STALE_MODELS,
    OUTDATED_IMPORTS,
    UNKNOWN_IMPORTS,
)
"""The views that answer questions; each uses only those before it, and the visible rows."""

VIEWS: Final[Mapping[str, View]] = {
    view.name: view for view in (*map(visible_rows, TABLES.values()), *ANSWERS)
}
"""All views by name, each after those that it uses."""

_WORD = re.compile(r"[a-z_]+")


def views_for(sql: str) -> tuple[View, ...]:
    """Return the views that a query may name, with those behind them, in the order to create."""
    wanted: set[str] = set()
    words = set(_WORD.findall(sql.lower()))
    while new := (words & VIEWS.keys()) - wanted:
        wanted |= new
        words = {word for name in new for word in _WORD.findall(VIEWS[name].sql.lower())}
    return tuple(view for view in VIEWS.values() if view.name in wanted)


def stored_tables(views: Iterable[View]) -> tuple[str, ...]:
    """Return the tables that views read, `generations` first."""
    found = {
        word.removeprefix(STORED)
        for view in views
        for word in _WORD.findall(view.sql)
        if word.startswith(STORED)
    }
    return tuple(name for name in TABLES if name in found)


def all_statements() -> Iterator[str]:
    """Yield the statements of all views, for an engine with the tables under `stored_` names."""
    yield f"-- The stored tables are named {', '.join(STORED + name for name in TABLES)}."
    for view in VIEWS.values():
        yield f"-- {view.about}\n{view.statement}"
