"""The rows of a repository: their types, one row for what did not change, and the closure."""

from collections import defaultdict
from datetime import datetime

import pytest

from lineage_diff import limits
from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.facts import InputFact
from lineage_diff.organization.made_from import Closures
from lineage_diff.organization.rows import table_rows
from lineage_diff.organization.tables.all_tables import TABLES
from lineage_diff.organization.tables.schema import Cell, Column
from tests.support.audit_repo import AuditRepo, content, past_repo
from tests.support.facts import Facts

TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "time": datetime,
    "strings": tuple,
}
Rows = dict[str, list[dict[str, Cell]]]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module")
def rows(past: AuditRepo) -> Rows:
    found: Rows = defaultdict(list)
    for tables in table_rows(Facts(past.path, Scope(whole=True)).all).values():
        for table, written in tables.items():
            names = [column.name for column in TABLES[table].columns]
            found[table] += [dict(zip(names, row, strict=True)) for row in written]
    return found


def _fits(column: Column, cell: Cell) -> bool:
    if cell is None:
        return column.null is not None
    return type(cell) is TYPES[column.type]


def test_every_value_has_the_type_of_its_column(rows: Rows) -> None:
    assert rows.keys() == TABLES.keys() - {"generations", "sources"}
    for table, found in rows.items():
        for column in TABLES[table].columns:
            odd = [row for row in found if not _fits(column, row[column.name])]
            assert not odd, f"{table}.{column.name}"


def test_a_row_for_each_run_and_none_for_commits_that_recorded_none(
    rows: Rows, past: AuditRepo
) -> None:
    names = {commit: name for name, commit in past.commits.items()}
    ordered = sorted(rows["runs"], key=lambda row: (row["ordinal"], str(row["stage"])))
    assert [(names[str(row["commit"])], row["ordinal"], row["kind"]) for row in ordered] == [
        ("first", 0, "add"),
        ("first", 0, "stage"),
        ("bad data", 1, "add"),
        ("bad data", 1, "stage"),
        ("other lr", 2, "stage"),
        ("good data", 3, "add"),
        ("retrained", 4, "stage"),
        ("moved", 5, "stage"),
    ]
    assert {names[str(row["commit"])]: row["ordinal"] for row in rows["commits"]} == {
        "first": 0,
        "bad data": 1,
        "broken lock": None,
        "other lr": 2,
        "good data": 3,
        "retrained": 4,
        "moved": 5,
    }
    (unknown,) = rows["unknowns"]
    assert (names[str(unknown["commit"])], unknown["subject"]) == ("broken lock", "dvc.lock")


def test_each_version_of_a_model_has_the_versions_behind_it(rows: Rows, past: AuditRepo) -> None:
    names = {commit: name for name, commit in past.commits.items()}
    models = [row for row in rows["artifacts"] if row["is_model"]]
    assert {(names[str(row["commit"])], row["path"], row["traced"]) for row in models} == {
        ("first", "model.pkl", True),
        ("bad data", "model.pkl", True),
        ("other lr", "model.pkl", True),
        ("retrained", "model.pkl", True),
        ("moved", "models/churn.pkl", True),
    }
    bad = f"md5:{content('bad')}"
    assert {
        (row["model_hash"], row["path"], row["distance"], row["kind"])
        for row in rows["made_from"]
        if row["hash"] == bad
    } == {
        (f"md5:{content('two')}", "data.csv", 1, "data"),
        (f"md5:{content('three')}", "data.csv", 1, "data"),
    }


def test_a_model_has_its_run_freshness_and_metrics(rows: Rows, past: AuditRepo) -> None:
    (model,) = rows["models"]
    assert (model["path"], model["freshness"], model["metrics"]) == (
        "models/churn.pkl",
        "fresh",
        ("metrics.json",),
    )
    assert model["made"] == past.commits["moved"]
    (run,) = (row for row in rows["runs"] if row["run"] == model["run"])
    assert run["stage"] == "dvc.yaml:train"


def _used(run: str, path: str, made_by: str | None = None, out: str | None = None) -> InputFact:
    return InputFact(
        repository="r",
        run=run,
        path=path,
        kind="data",
        url=None,
        hash=f"md5:{path}",
        size=None,
        files=None,
        made_by=made_by,
        out=out if out is not None or made_by is None else path,
        out_hash=None if made_by is None else f"md5:{out or path}",
    )


def _graph(text: str) -> dict[str, list[InputFact]]:
    """Return the inputs of runs: `b<a` is that run b used what run a made, `b` alone is a run."""
    used: dict[str, list[InputFact]] = {}
    for item in text.split():
        run, _, producer = item.partition("<")
        inputs = used.setdefault(run, [])
        if producer:
            inputs.append(_used(run, f"of-{producer}", producer))
    return used


# For each graph, the versions behind the run z as `path distance`; None: unknown.
CLOSURES = {
    "z": "",
    "z<a a": "of-a 1",
    "z<b b<a a": "of-b 1, of-a 2",
    # A diamond: once, with the fewest runs.
    "z<b z<c b<a c<a a": "of-b 1, of-c 1, of-a 2",
    "z<b z<a b<a a": "of-b 1, of-a 1",
    # Cycles of a hostile history.
    "z<z": "of-z 1",
    "z<a a<b b<a": "of-a 1, of-b 2",
    # A run that is not known.
    "z<a": None,
    "z<b b<a": None,
}


@pytest.mark.parametrize("text", CLOSURES)
def test_the_closure(text: str) -> None:
    found = Closures(_graph(text)).behind("z")
    shown = None if found is None else ", ".join(f"{v.path} {v.distance}" for v in found)
    assert shown == CLOSURES[text]


def test_a_folder_and_its_parts_are_versions_of_their_own() -> None:
    used = {"z": [_used("z", "data/part", "a", "data")], "a": []}
    found = Closures(used).behind("z")
    assert [(v.path, v.hash, v.distance) for v in found or ()] == [
        ("data/part", "md5:data/part", 1),
        ("data", "md5:data", 1),
    ]


def test_a_long_chain_is_linear_and_past_a_bound_the_answer_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = _graph(" ".join(f"{n}<{n - 1}" for n in range(1, 5_000)) + " 0")
    closures = Closures(used)
    found = closures.behind("4999")
    assert found is not None
    assert (len(found), found[-1].distance) == (4_999, 4_999)
    assert limits.CLOSURE_STEPS - closures.steps == 4_999
    assert Closures(used, steps=4_998).behind("4999") is None
    monkeypatch.setattr(limits, "CLOSURE_VERSIONS", 4_998)
    assert Closures(used).behind("4999") is None


def test_a_model_with_too_much_behind_it_is_marked(
    past: AuditRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSURE_VERSIONS", 0)
    found = table_rows(Facts(past.path, Scope(whole=True)).all)["history"]
    assert "made_from" not in found
    assert [row[6] for row in found["artifacts"] if row[5]] == [False] * 5
    assert [row[1] for row in found["unknowns"]] == ["dvc.lock", "made_from"]
