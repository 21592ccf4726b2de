"""DuckDB and Spark give the same answers as DataFusion, with the same views on the same files."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.organization.answers.engine import Engine
from lineage_diff.organization.answers.gaps import gaps
from lineage_diff.organization.answers.impact import find_impact
from lineage_diff.organization.answers.inventory import (
    models_now,
    outdated_imports,
    unknown_imports,
)
from lineage_diff.organization.answers.subject import data_question
from lineage_diff.organization.answers.trace import find_trace
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.organization.snapshot import StoreSnapshot
from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.views import ANSWERS, STORED, VIEWS
from tests.support.dvc_repo import DvcShell
from tests.support.organization import Organization, new_store, write_part
from tests.support.spark import SPARK

# Spark takes seconds for what the others do in milliseconds: it gets one question of each kind.
QUESTIONS = (
    "data:raw.csv@{bad}",
    "data:raw.csv",
    "churn:churn.pkl@v1.0.0",
    "43cee2ac",
    "customers:raw.csv",
)
SPARK_QUESTIONS = 1


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Organization:
    shell = DvcShell()
    try:
        return Organization(tmp_path_factory.mktemp("engines"), shell)
    finally:
        shell.close()


@pytest.fixture(scope="module")
def store(organization: Organization) -> DeltaStore:
    found = new_store(organization.folder / "store")
    for repo in organization.repos.values():
        write_part(found, repo.path)
    # Rows that do not count any more, which every engine must leave out.
    write_part(found, organization.repos["data"].path)
    return found


class DuckDb:
    """The views in DuckDB, on the files that the tables' logs name."""

    def __init__(self, store: DeltaStore) -> None:
        duckdb = pytest.importorskip("duckdb")
        from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

        self.connection = duckdb.connect()
        for name in TABLES:
            # Arrow opens files while it holds Python's lock: with a file system in Python, as
            # deltalake's own, its threads can wait for that lock for ever.
            files = SubTreeFileSystem(store.address.of_table(name), LocalFileSystem())
            dataset = store.table(name).to_pyarrow_dataset(filesystem=files)
            self.connection.register(f"{STORED}{name}", dataset)
        for view in VIEWS.values():
            self.connection.execute(view.statement)

    def rows(self, sql: str) -> Iterator[Mapping[str, Any]]:
        found = self.connection.execute(sql)
        names = [column[0] for column in found.description or ()]
        for cells in found.fetchall():
            yield dict(zip(names, cells, strict=True))


class Spark:
    """The views in Spark, on the files that the tables' logs name."""

    def __init__(self, store: DeltaStore) -> None:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").config(map=SPARK)
        builder = builder.config("spark.sql.session.timeZone", "UTC")
        self.session = builder.config("spark.driver.memory", "1g").getOrCreate()
        for name in TABLES:
            table = store.table(name)
            files = [str(Path(uri)) for uri in table.file_uris()]
            schema = self.session.createDataFrame([], _spark_schema(name)).schema
            base = store.address.of_table(name)
            frame = (
                self.session.read.option("basePath", base).schema(schema).parquet(*files)
                if files
                else self.session.createDataFrame([], schema)
            )
            frame.createOrReplaceTempView(f"{STORED}{name}")
        for view in VIEWS.values():
            self.session.sql(view.statement.replace(" VIEW ", " TEMPORARY VIEW ", 1).rstrip(";"))

    def rows(self, sql: str) -> Iterator[Mapping[str, Any]]:
        for row in self.session.sql(sql).collect():
            yield row.asDict()


def _spark_schema(name: str) -> str:
    types = {
        "string": "STRING",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
        "time": "TIMESTAMP",
        "strings": "ARRAY<STRING>",
    }
    return ", ".join(f"`{item.name}` {types[item.type]}" for item in TABLES[name].all_columns)


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, store: DeltaStore) -> Iterator[Engine]:
    # It reads the tables' files for DuckDB.
    pytest.importorskip("pyarrow")
    if request.param == "duckdb":
        duck = DuckDb(store)
        yield duck
        # Closing waits for its threads: Python aborts if one of them still runs when it ends.
        duck.connection.close()
        return
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: install a JRE, such as openjdk-17-jre-headless")
    spark = Spark(store)
    yield spark
    spark.session.stop()


def _answers(engine: Engine, organization: Organization, most: int) -> dict[str, object]:
    repositories = [str(row["repository"]) for row in engine.rows("SELECT * FROM repositories")]
    found: dict[str, object] = {}
    for text in QUESTIONS[:most]:
        question = data_question(engine, text.format_map(organization.commits), repositories)
        answer = find_impact(engine, question)
        found[text] = answer.impact, sorted(map(str, answer.unknowns))
    trace = find_trace(engine, "fraud:fraud.pkl", repositories)
    found["trace"] = trace.trace, sorted(map(str, trace.unknowns))
    found["models"] = list(models_now(engine)), list(outdated_imports(engine))
    found["gaps"] = sorted(map(str, (*gaps(engine), *unknown_imports(engine))))
    return found


def test_the_same_answers(engine: Engine, store: DeltaStore, organization: Organization) -> None:
    most = SPARK_QUESTIONS if isinstance(engine, Spark) else len(QUESTIONS)
    expected = _answers(StoreSnapshot(store), organization, most)
    found = _answers(engine, organization, most)
    for question, answer in expected.items():
        assert found[question] == answer, question


@pytest.mark.parametrize("view", [view.name for view in ANSWERS])
def test_the_same_number_of_rows_in_each_view(engine: Engine, store: DeltaStore, view: str) -> None:
    count = f"SELECT COUNT(*) AS n FROM {view}"  # noqa: S608
    (expected,) = StoreSnapshot(store).rows(count)
    (found,) = engine.rows(count)
    assert found["n"] == expected["n"]
