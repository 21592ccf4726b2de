"""Metrics that are no number any more, and NaN that stays NaN: gate, words, and DVC's own diff."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_report
from lineage_diff.render.summary import Summary
from lineage_diff.report.report import Report
from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

CONFIG = (
    "metrics: {acc: {better: higher, tolerance: 0.5}, loss: {better: lower}}\n"
    "rules: {metric-regressed: error, metric-missing: error}\n"
)
REGRESSED, MISSING = "metric-regressed", "metric-missing"


def change(repo: GitRepo, before: str, after: str, config: str = CONFIG) -> Report:
    """Compare two versions of a file of metrics."""
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", "metrics: [m.json]\n")
    repo.write(".github/lineage-diff.yml", config)
    repo.write("m.json", before)
    repo.commit("base")
    repo.write("m.json", after)
    repo.write("README.md", "new\n")
    repo.commit("head")
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report


@pytest.mark.parametrize(
    ("key", "before", "after", "rule", "message"),
    [
        (
            "acc",
            "0.9",
            "NaN",
            REGRESSED,
            "`acc` in `m.json` was 0.9 and is NaN, which is no number",
        ),
        ("acc", "0.9", "Infinity", REGRESSED, "is infinite, which is no number"),
        ("acc", "0.9", "-Infinity", REGRESSED, "is infinite, which is no number"),
        ("loss", "0.1", "NaN", REGRESSED, "is NaN"),
        ("loss", "0.1", "-Infinity", REGRESSED, "is infinite"),
        ("loss", "1", '"n/a"', REGRESSED, "was 1 and is the text `n/a`, which is no number"),
        ("acc", "0.9", '"0.95"', REGRESSED, "is the text `0.95`"),
        ("acc", "0.9", "true", REGRESSED, "is `true`"),
        ("loss", "0.1", "false", REGRESSED, "is `false`"),
        ("loss", "0.1", "null", REGRESSED, "was 0.1 and is `null` or a list, which is no number"),
        ("acc", "0.9", "[0.9]", REGRESSED, "is `null` or a list"),
        (
            "rows",
            "100",
            "NaN",
            MISSING,
            "`rows` in `m.json` was 100 and is NaN, which is no number",
        ),
        ("rows", "100", '"many"', MISSING, "is the text `many`"),
        ("rows", "100", "null", MISSING, "is `null`"),
        ("acc", "0.9", '{"mean": 0.9}', MISSING, "`acc` in `m.json` is gone"),
        ("acc", '"n/a"', "null", MISSING, "`acc` in `m.json` is"),
        ("acc", "0.9", "0.95", None, ""),
        ("acc", "0.9", "0.8", None, ""),
        ("acc", "1", "true", None, ""),
        ("acc", "NaN", "NaN", None, ""),
        ("acc", "NaN", "0.1", None, ""),
        ("acc", "NaN", '"n/a"', None, ""),
        ("acc", "null", "NaN", None, ""),
        ("acc", '"n/a"', "NaN", None, ""),
        ("acc", "Infinity", "NaN", None, ""),
        ("acc", "true", "NaN", None, ""),
        ("acc", "[NaN]", "[NaN]", None, ""),
    ],
)
def test_gate(
    git_repo: GitRepo, key: str, before: str, after: str, rule: str | None, message: str
) -> None:
    report = change(git_repo, f'{{"{key}": {before}}}', f'{{"{key}": {after}}}')
    assert [finding.rule for finding in report.findings] == ([rule] if rule else [])
    assert (report.verdict.conclusion == "failure") == bool(rule)
    assert message in "".join(finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.5", "0.5, below its limit of 0.9"),
        ("NaN", "NaN, which is no number, so it is not within its limits"),
        ("-Infinity", "infinite, which is no number, so it is not within its limits"),
        ('"high"', "the text `high`, which is no number, so it is not within its limits"),
        ("true", "`true`, which is no number, so it is not within its limits"),
        # The author of a change chooses the text: no message is longer for it.
        (
            json.dumps("x" * 100_000),
            f"the text `{'x' * 59}…`, which is no number, so it is not within its limits",
        ),
    ],
    ids=["low", "nan", "infinite", "text", "true", "long text"],
)
def test_a_value_beyond_its_limit_is_named(git_repo: GitRepo, value: str, text: str) -> None:
    config = "metrics: {acc: {min: 0.9}}\n"
    report = change(git_repo, '{"acc": "n/a"}', f'{{"acc": {value}}}', config)
    assert [(finding.rule, finding.message) for finding in report.findings] == [
        ("metric-limit", f"`acc` in `m.json` is {text}")
    ]


@pytest.mark.parametrize(
    ("after", "row", "note"),
    [
        ('{"acc": 0.5}', (0.5, -0.25, False), "worse"),
        ('{"acc": 1.0}', (1.0, 0.25, True), "better"),
        ('{"acc": "n/a"}', ("n/a", None, False), "no-number"),
        ('{"acc": null}', (None, None, False), "no-number"),
        # A metric that is gone is neither better nor worse.
        ('{"other": 1}', (None, None, None), "missing"),
    ],
)
def test_row_of_the_model_and_its_note(
    git_repo: GitRepo, after: str, row: tuple[Any, float | None, bool | None], note: str
) -> None:
    for text in ('{"acc": 0.75}', after):
        write_runs(
            git_repo, {"train": RecordedRun(outs={"model.pkl": text}, metrics={"m.json": text})}
        )
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (metric,) = (item for item in report.models[0].metrics if item.key == "acc")
    assert (metric.old, metric.new, metric.diff, metric.better) == (0.75, *row)
    notes = [(item.note, item.reason) for item in report.metric_notes if item.key == "acc"]
    assert notes == [(note, None)]


@pytest.mark.parametrize(
    ("rules", "after", "expected"),
    [
        ("", "NaN", [(REGRESSED, "warning")]),
        ("metric-regressed: error", "null", [(REGRESSED, "error")]),
        ("metric-missing: error", "NaN", [(MISSING, "error"), (REGRESSED, "warning")]),
        ("metric-regressed: off, metric-missing: error", "null", [(MISSING, "error")]),
        ("metric-regressed: off, metric-missing: off", "NaN", []),
    ],
)
def test_which_gate(
    git_repo: GitRepo, rules: str, after: str, expected: list[tuple[str, str]]
) -> None:
    report = change(git_repo, '{"acc": 0.9}', f'{{"acc": {after}}}', f"rules: {{{rules}}}\n")
    assert [(finding.rule, finding.severity) for finding in report.findings] == expected


def test_nan_that_stays_is_listed_as_by_dvc_and_shown_to_nobody(git_repo: GitRepo) -> None:
    report = change(git_repo, '{"acc": NaN, "rows": 1}', '{"acc": NaN, "rows": 1}')
    dvc = (
        str(Path(sys.executable).with_name("dvc")),
        "metrics",
        "diff",
        "--json",
        "HEAD~1",
        "HEAD",
    )
    run = subprocess.run(
        dvc, cwd=git_repo.path, env=dvc_environment(), capture_output=True, check=True
    )
    (file, keys), *others = json.loads(run.stdout).items()
    assert (file, list(keys), others) == ("m.json", ["acc"], [])
    ours = report.metrics["m.json"]["acc"]
    assert list(report.metrics["m.json"]) == ["acc"]
    assert all(math.isnan(side) for side in (*keys["acc"].values(), *ours.values()))
    for name in ("terminal", "markdown", "html"):
        assert b"NaN" not in render_report(name, report, ShowOptions())
    assert not Summary(report).touched
