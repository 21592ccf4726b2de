"""Time the questions to the tables of many repositories, by the number of repositories.

    python bench/organization.py [--repositories 10 100] [--edges 100000]

The tables are generated: each repository has versions of a pipeline of four stages with twenty
edges, and four of five repositories import the data of the fifth. Every question is a new process.
Keeps the table in bench/RESULTS.md; exit code 1 when a target is missed.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from deltalake import QueryBuilder, write_deltalake

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.measure import Cost, keep, median, program
from lineage_diff.organization.address import store_address
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.organization.tables.all_tables import SCHEMA_VERSION, TABLES

# Seconds for the impact of one hash, and megabytes, by the number of edges.
_TARGETS = {1_000_000: (1.0, 1_000), 10_000_000: (10.0, 1_000)}
_EDGES = 20
_GROUP = 5
_ASKED = 7
_AUTHOR = (
    "'2026-01-31T12:00:00+00:00' AS author_date, 'A' AS author, 'Train' AS subject, "
    "CAST(NULL AS BIGINT) AS pull_request"
)
_DATE = "to_timestamp(1700000000 + v)"


def _queries(repository: int, versions: int) -> dict[str, str]:
    """Return the query that generates each table's own columns for one repository."""
    leader = repository - repository % _GROUP
    raw = f"concat('md5:', md5(concat('raw-{leader}-', v)))"

    def out(stage: str) -> str:
        made = f"concat('md5:', md5(concat('out-{repository}-', {stage}, '-', v)))"
        return f"CASE WHEN {stage} = 0 THEN {raw} ELSE {made} END"

    def run(stage: str, owner: int = repository) -> str:
        return f"md5(concat('run-{owner}-', {stage}, '-', v))"

    def commit(owner: int = repository) -> str:
        return f"concat(md5(concat('commit-{owner}-', v)), '00000000')"

    def name(stage: str) -> str:
        return (
            f"CASE {stage} WHEN 0 THEN 'raw.csv' WHEN 1 THEN 'prepared.csv' "
            "WHEN 2 THEN 'features.csv' ELSE 'model.pkl' END"
        )

    def stage_id(stage: str) -> str:
        return f"CASE {stage} WHEN 0 THEN 'raw.csv.dvc' ELSE concat('dvc.yaml:s', {stage}) END"

    last = versions - 1
    series = f"FROM (SELECT value AS v FROM generate_series(0, {last}))"
    runs = (
        f"FROM (SELECT value / 4 AS v, value % 4 AS s FROM generate_series(0, {versions * 4 - 1}))"
    )
    edges = (
        "FROM (SELECT v, k, CASE WHEN k < 6 THEN 1 WHEN k < 13 THEN 2 ELSE 3 END AS s, "
        "k IN (0, 6, 13) AS is_out FROM "
        f"(SELECT value / {_EDGES} AS v, value % {_EDGES} AS k "
        f"FROM generate_series(0, {versions * _EDGES - 1})))"
    )
    path = f"CASE WHEN is_out THEN {name('s - 1')} ELSE concat('src/part', k, '.py') END AS path"
    code = f"concat('md5:', md5(concat('code-{repository}-', k, '-', v / 10)))"
    used = f"CASE WHEN is_out THEN {out('(s - 1)')} ELSE {code} END"
    kind = "CASE WHEN is_out THEN 'data' ELSE 'code' END AS kind"
    made_by = f"CASE WHEN is_out THEN {run('(s - 1)')} ELSE NULL END AS made_by"
    recorded = f"{commit()} AS commit, v AS ordinal"
    null = "CAST(NULL AS VARCHAR)"
    count = "CAST(NULL AS BIGINT)"
    return {
        "repositories": f"SELECT 'example.com' AS host, 'team/r{repository}' AS name, "
        f"{null} AS url, {commit()} AS head, {_DATE} AS date, 'main' AS rev, true AS complete, "
        f"{_AUTHOR}, make_array({run('3')}) AS runs {series} WHERE v = {last}",
        "commits": f"SELECT {recorded}, {_DATE} AS date, {_AUTHOR} {series}",
        "runs": f"SELECT {run('s')} AS run, {recorded}, {stage_id('s')} AS stage, "
        "CASE s WHEN 0 THEN 'import' ELSE 'stage' END AS kind, 'dvc.yaml' AS file, "
        f"'python run.py' AS command, true AS certain {runs}",
        "artifacts": f"SELECT {name('s')} AS path, {null} AS url, {out('s')} AS hash, "
        f"100000 AS size, {count} AS files, s = 3 AS is_model, "
        "CASE WHEN s = 3 THEN true ELSE NULL END AS traced, "
        f"{run('s')} AS run, {recorded}, {stage_id('s')} AS stage, "
        f"CASE s WHEN 0 THEN 'import' ELSE 'stage' END AS kind {runs}",
        "edges": f"SELECT {path}, {null} AS url, {used} AS hash, 100000 AS size, {count} AS files, "
        f"{kind}, {run('s')} AS run, {recorded}, {stage_id('s')} AS stage, {made_by}, "
        f"CASE WHEN is_out THEN {name('(s - 1)')} ELSE NULL END AS out, "
        f"CASE WHEN is_out THEN {out('(s - 1)')} ELSE NULL END AS out_hash {edges}",
        "made_from": f"SELECT 'model.pkl' AS model, {out('3')} AS model_hash, {run('3')} AS run, "
        f"{recorded}, {path}, {null} AS url, {used} AS hash, {kind}, {made_by}, "
        f"4 - s AS distance {edges}",
        "models": f"SELECT {commit()} AS commit, 'model.pkl' AS path, 'm{repository}' AS name, "
        "'artifact' AS identified_by, 'model.pkl' AS out, 'dvc.yaml:s3' AS stage, "
        f"'fresh' AS freshness, {run('3')} AS run, {commit()} AS made, {null} AS desc, "
        f"make_array('a') AS labels, {null} AS meta, {out('3')} AS hash, 100000 AS size, "
        f"{count} AS files, make_array('metrics.json') AS metrics, make_array('@team') AS owners "
        f"{series} WHERE v = {last}",
        "registry": f"SELECT 'm{repository}' AS artifact, concat('v', v, '.0.0') AS version, "
        f"concat('m{repository}@v', v, '.0.0') AS tag, {commit()} AS commit, "
        f"make_array('prod') AS stages, true AS active, 'model.pkl' AS path, {out('3')} AS hash, "
        f"v AS ordinal {series} WHERE v % 100 = {_ASKED}",
        "sources": f"SELECT {run('0')} AS run, {recorded}, 'repo' AS kind, "
        f"'https://example.com/team/r{leader}' AS source, "
        f"'example.com/team/r{leader}' AS source_repository, 'raw.csv' AS path, {null} AS rev, "
        f"{commit(leader)} AS rev_lock, {null} AS hash {series} "
        f"WHERE {repository} <> {leader}",
    }


def _types(table: str) -> str:
    """Return the columns of a table, cast to its types."""
    names = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
    columns = []
    for column in TABLES[table].columns:
        kind = names.get(column.type)
        time_ = f"arrow_cast({column.name}, 'Timestamp(Microsecond, Some(\"UTC\"))')"
        cast = f"CAST({column.name} AS {kind})" if kind else column.name
        columns.append(f"{time_ if column.type == 'time' else cast} AS {column.name}")
    return ", ".join(columns)


def _write(store: DeltaStore, repository: int, versions: int) -> None:
    key = f"'example.com/team/r{repository}' AS repository"
    for table, query in _queries(repository, versions).items():
        schema = TABLES[table]
        order = f" ORDER BY {', '.join(schema.sort)}" if schema.sort else ""
        sql = f"SELECT {key}, '{schema.kind}' AS generation, {_types(table)} FROM ({query}){order}"
        write_deltalake(store.table(table), QueryBuilder().execute(sql), mode="append")
    head = f"concat(md5(concat('commit-{repository}-', {versions - 1})), '00000000') AS head"
    rows = " UNION ALL ".join(
        f"SELECT {key}, '{kind}' AS generation, '{kind}' AS kind, {head}, "
        f"CAST(NULL AS VARCHAR) AS base, CAST({versions * 4 if kind == 'history' else 0} AS BIGINT)"
        f" AS runs, '' AS settings, CAST({SCHEMA_VERSION} AS BIGINT) AS schema_version, "
        "'0' AS tool_version, "
        "arrow_cast(to_timestamp(1700000000), 'Timestamp(Microsecond, Some(\"UTC\"))') AS written"
        for kind in ("history", "head")
    )
    write_deltalake(store.table("generations"), QueryBuilder().execute(rows), mode="append")


def _write_all(url: str, first: int, last: int, edges: int) -> None:
    store = DeltaStore(store_address(url))
    for repository in range(first, last):
        _write(store, repository, edges // _EDGES)


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repositories", type=int, nargs="+", default=(10, 100))
    parser.add_argument("--edges", type=int, default=100_000, help="edges of each repository")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    given = parser.parse_args()
    rows = [
        "| repositories | edges | MB of tables | files | `org impact` of a hash | of a path | "
        "`org trace` | `org models` | peak memory of each |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        store = DeltaStore(store_address(f"{folder}/tables"))
        store.create()
        done = 0
        for count in sorted(given.repositories):
            began = time.perf_counter()
            # In a process of its own: the memory of this one would count for the questions.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                pool.submit(_write_all, store.address.url, done, count, given.edges).result()
            done = count
            print(f"wrote {count} in {time.perf_counter() - began:.0f} s", flush=True)
            costs = _costs(store.address.url, given.repeat)
            edges = count * given.edges
            rows.append(_row(Path(store.address.url), count, edges, costs))
            print(rows[-1], flush=True)
            seconds, megabytes = _TARGETS.get(edges, (1e9, 1e9))
            if costs[0].seconds > seconds or costs[0].megabytes > megabytes:
                missed.append(f"org impact at {edges:,} edges: {costs[0]}")
    keep("organization", "\n".join(rows))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def _costs(url: str, repeat: int) -> list[Cost]:
    asked = hashlib.md5(f"raw-0-{_ASKED}".encode(), usedforsecurity=False).hexdigest()
    questions = (
        ("impact", asked),
        ("impact", f"example.com/team/r0:raw.csv@v{_ASKED}.0.0"),
        ("trace", f"m1@v{_ASKED}.0.0"),
        ("models",),
    )
    ask = [program("lineage-diff"), "org"]
    end = ["--from", url, "--format", "json", "-o", "/dev/null"]
    return [median([*ask, *question, *end], Path(url).parent, repeat) for question in questions]


def _row(folder: Path, count: int, edges: int, costs: list[Cost]) -> str:
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    seconds = " | ".join(f"{cost.seconds:.2f} s ({cost.processor:.2f} s)" for cost in costs)
    memory = ", ".join(f"{cost.megabytes:,.0f}" for cost in costs)
    return f"| {count} | {edges:,} | {size:,.0f} | {len(files):,} | {seconds} | {memory} MB |"


if __name__ == "__main__":
    raise SystemExit(main())
