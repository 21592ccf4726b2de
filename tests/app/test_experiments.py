"""Several revisions in one table: values that differ, rated and ranked, through the command."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lineage_diff.cli.main import main
from lineage_diff.report import experiments_report as module
from lineage_diff.report.experiments_report import decode_experiments, encode_experiments
from tests.support.experiments import PIPELINE, baseline, experiment, write_run
from tests.support.git_repo import GitRepo

BASE = {"accuracy": 0.9, "seconds": 3}
TOLERANT = "metrics: {accuracy: {tolerance: 0.02}}\n"
STRICT = "metrics: {accuracy: {tolerance: 0, gate: error}}\n"
FLOOR = "metrics: {accuracy: {min: 0.85}}\n"


def table(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], *revs: str, code: int = 0
) -> dict[str, Any]:
    assert main(["compare", "--repo", str(repo.path), "--format", "json", *revs]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def cells(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = [row for row in found["table"]["metrics"] if row["key"] == key]
    return list(rows[0]["values"]) if rows else []


@pytest.mark.parametrize(
    ("config", "a", "b", "expected", "code"),
    [
        ("", 0.95, 0.93, [(None, None), ("better", "best"), ("better", None)], 0),
        ("", 0.95, 0.9496, [(None, None), ("better", "best"), ("better", "near")], 0),
        ("", 0.95, 0.8, [(None, None), ("better", "best"), ("worse", None)], 0),
        ("", 0.8, 0.7, [(None, "best"), ("worse", None), ("worse", None)], 0),
        ("", 0.9, 0.9, [], 0),
        ("", 0.95, 0.95, [(None, None), ("better", "best"), ("better", "best")], 0),
        (TOLERANT, 0.89, 0.85, [(None, "best"), ("tolerated", "near"), ("worse", None)], 0),
        (STRICT, 0.95, 0.89, [(None, None), ("better", "best"), ("worse", None)], 1),
        (FLOOR, 0.95, 0.8, [(None, None), ("better", "best"), ("worse", None)], 1),
        ("", 0.95, "NaN", [(None, None), ("better", "best"), ("no-number", None)], 0),
        ("", 0.95, None, [(None, None), ("better", "best"), ("no-number", None)], 0),
    ],
)
def test_metrics_are_rated_against_the_first_revision_and_the_best_is_marked(
    git_repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    config: str,
    a: Any,
    b: Any,
    expected: list[tuple[str | None, str | None]],
    code: int,
) -> None:
    baseline(git_repo, BASE, config)
    experiment(git_repo, "exp-a", 0.2, {"accuracy": a})
    experiment(git_repo, "exp-b", 0.3, {"accuracy": b})
    found = table(git_repo, capsys, "main", "exp-a", "exp-b", code=code)
    assert [(cell["note"], cell["rank"]) for cell in cells(found, "accuracy")] == expected
    assert found["verdict"]["conclusion"] == ("failure" if code else "success")


def test_params_freshness_and_verdict_stand_in_the_column_of_their_revision(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(git_repo, BASE, FLOOR)
    experiment(git_repo, "exp-a", 0.2, {"accuracy": 0.8, "seconds": 3})
    git_repo.git("checkout", "-q", "-b", "stale")
    git_repo.write("params.yaml", "lr: 0.4\nseed: 1\n")
    git_repo.write("metrics.json", json.dumps({"accuracy": 0.99, "seconds": 3}))
    git_repo.commit("edited, not run")
    found = table(git_repo, capsys, "main", "exp-a", "stale", code=1)
    columns = found["table"]["revisions"]
    assert [item["rev"] for item in columns] == ["main", "exp-a", "stale"]
    assert [item["freshness"] for item in columns] == ["fresh", "fresh", "stale"]
    assert [item["stale"] for item in columns] == [[], [], ["dvc.yaml:train"]]
    assert [item["verdict"]["errors"] for item in columns] == [0, 1, 1]
    assert [sorted({one["rule"] for one in item["findings"]}) for item in columns] == [
        [],
        ["metric-limit", "metric-regressed"],
        ["stale-model"],
    ]
    params = {row["key"]: row["values"] for row in found["table"]["params"]}
    assert {key: [cell["value"] for cell in row] for key, row in params.items()} == {
        "lr": [0.1, 0.2, 0.4],
        "seed": [None, None, 1],
    }
    assert [cell["differs"] for cell in params["seed"]] == [False, False, True]
    stale, best = cells(found, "accuracy")[2], cells(found, "accuracy")[0]
    # A value that no run on the committed inputs gave is not the best.
    assert (stale["stale"], stale["rank"], best["rank"]) == (True, None, "best")


def test_the_noise_of_the_history_decides_what_is_worse_and_what_is_as_good_as_the_best(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(git_repo, BASE)
    for number in range(12):
        write_run(git_repo, 0.1, {"accuracy": 0.9 + 0.004 * (number % 2)})
        git_repo.commit(f"run {number}")
    experiment(git_repo, "exp-a", 0.2, {"accuracy": 0.91})
    experiment(git_repo, "exp-b", 0.3, {"accuracy": 0.895})
    experiment(git_repo, "exp-c", 0.3, {"accuracy": 0.85})
    found = table(git_repo, capsys, "main", "exp-a", "exp-b", "exp-c")
    (row,) = (row for row in found["table"]["metrics"] if row["key"] == "accuracy")
    assert row["noise"]["runs"] == 13
    assert [(cell["note"], cell["rank"]) for cell in row["values"]] == [
        (None, "near"),
        ("better", "best"),
        ("tolerated", "near"),
        ("worse", None),
    ]


def test_what_is_not_known_is_neither_a_loss_nor_a_pass(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    """DVC keeps the metrics of one experiment in its cache, and nothing is fetched."""
    baseline(git_repo, BASE)
    experiment(git_repo, "exp-a", 0.2, {"accuracy": 0.95})
    git_repo.git("checkout", "-q", "-b", "cached")
    git_repo.write("dvc.yaml", PIPELINE.replace("cache: false", "cache: true"))
    git_repo.git("rm", "-q", "metrics.json")
    git_repo.write(".gitignore", "/metrics.json\n")
    git_repo.commit("cached")
    found = table(git_repo, capsys, "main", "exp-a", "cached")
    assert [cell["unknown"] for cell in cells(found, "accuracy")] == [False, False, True]
    assert [item["unreadable"] for item in found["table"]["revisions"]] == [
        [],
        [],
        ["metrics.json"],
    ]
    assert found["table"]["unknowns"][0]["subject"] == "metrics.json"
    assert main(["compare", "--repo", str(git_repo.path), "main", "exp-a", "cached"]) == 0
    shown = capsys.readouterr().out
    assert "as far as known" in shown
    assert shown.startswith("🟡")


HOSTILE = "<img src=x>|`@team`\u202e"


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("markdown", ["<img", "\u202e"]),
        ("html", ["<img", "\u202e"]),
        ("terminal", ["\u202e", "\x1b"]),
    ],
)
def test_names_and_values_of_the_repository_are_escaped(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str], name: str, forbidden: list[str]
) -> None:
    baseline(git_repo, BASE)
    experiment(git_repo, "exp-a", 0.2, {f"accuracy{HOSTILE}": HOSTILE})
    experiment(git_repo, "exp-b|@team", 0.3, {f"accuracy{HOSTILE}": 0.9, "accuracy": 0.1})
    arguments = ("main", "exp-a", "exp-b|@team")
    texts = []
    for _ in range(2):
        main(["compare", "--repo", str(git_repo.path), *arguments, "--format", name])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert [text for text in forbidden if text in texts[0]] == []
    if name == "markdown":
        rows = [line for line in texts[0].split("\n") if line.startswith("|")]
        # No value ends a cell.
        assert {line.count("|") for line in rows} == {5}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("main", "exp-a", "main", "--format", "svg"), "svg shows one change"),
        (("main", "exp-a", "nothing"), "unknown revision nothing"),
        (("main", *(f"main~{n}" for n in range(60))), "61 revisions are over the limit of 50"),
    ],
)
def test_what_no_table_can_show_is_an_error(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], error: str
) -> None:
    baseline(git_repo, BASE)
    experiment(git_repo, "exp-a", 0.2, {"accuracy": 0.95})
    assert main(["compare", "--repo", str(git_repo.path), *arguments]) == 2
    assert error in capsys.readouterr().err


def test_the_json_keeps_to_its_schema_and_can_be_read_again(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(git_repo, BASE)
    experiment(git_repo, "exp-a", 0.2, {"accuracy": float("nan"), "n": 2**70})
    experiment(git_repo, "exp-b", 0.2, {"accuracy": 0.95})
    arguments = ["compare", "--repo", str(git_repo.path), "main", "exp-a", "exp-b"]
    assert main([*arguments, "--format", "json"]) == 0
    data = capsys.readouterr().out.encode()
    schema = Path(module.__file__).with_name("experiments.schema.json").read_bytes()
    jsonschema_rs.Draft202012Validator(json.loads(schema)).validate(json.loads(data))
    assert encode_experiments(decode_experiments(data, "table.json")) == data
