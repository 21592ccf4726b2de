"""From two values of a metric to the finding and the verdict, on a real repository."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.change import MetricNoise, ModelMetric
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

CONFIG = (
    "metrics:\n"
    "  rows: {better: higher}\n"
    "  wer: {better: lower, tolerance: 0.5}\n"
    "  share: {better: higher, tolerance: 10%}\n"
    "rules: {metric-regressed: error}\n"
)


def compared(repo: GitRepo, key: str, before: str, after: str, config: str = "") -> Report:
    """Compare two runs of a stage that makes a model and a file of metrics."""
    if config:
        repo.write(".github/lineage-diff.yml", config)
    repo.write("train.py", "1\n")
    for value in (before, after):
        metrics = {"m.json": f'{{"{key}": {value}}}'}
        run = RecordedRun({"train.py": "1\n"}, {"model.pkl": value}, metrics, cmd=f"fit {value}")
        write_runs(repo, {"train": run})
        repo.commit(value)
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report


Found = tuple[bool | None, bool]
WORSE: Found = (False, False)
BETTER: Found = (True, False)
TOLERATED: Found = (False, True)
UNKNOWN: Found = (None, False)
NOTES = {WORSE: "worse", BETTER: "better", TOLERATED: "tolerated"}


@pytest.mark.parametrize(
    ("key", "before", "after", "config", "found"),
    [
        ("accuracy", "0.9", "0.8", "", WORSE),
        ("accuracy", "0.8", "0.9", "", BETTER),
        ("accuracy", "90", "80", "", WORSE),
        ("loss", "0.8", "0.9", "", WORSE),
        ("loss", "0.9", "0.8", "", BETTER),
        ("test.map", "0.5", "0.4", "", WORSE),
        ("rows", "100", "10", "", UNKNOWN),
        ("rows", "100", "10", CONFIG, WORSE),
        ("rows", "10", "100", CONFIG, BETTER),
        ("wer", "1", "1.5", CONFIG, TOLERATED),
        ("wer", "1", "1.75", CONFIG, WORSE),
        ("wer", "1.75", "1", CONFIG, BETTER),
        ("share", "50", "45", CONFIG, TOLERATED),
        ("share", "50", "44", CONFIG, WORSE),
        ("share", "50", "100", CONFIG, BETTER),
        ("precision_loss", "0.9", "0.8", CONFIG, UNKNOWN),
    ],
)
def test_a_worse_value_of_a_metric_is_a_finding(
    git_repo: GitRepo,
    key: str,
    before: str,
    after: str,
    config: str,
    found: Found,
) -> None:
    report = compared(git_repo, key, before, after, config)
    (metric,) = report.models[0].metrics
    assert (metric.file, metric.key, metric.better, metric.tolerated) == ("m.json", key, *found)
    assert (f"{metric.old:g}", f"{metric.new:g}") == (before, after)
    findings = [(item.rule, item.severity, item.subject) for item in report.findings]
    severity = "error" if config else "warning"
    told = [("metric-regressed", severity, f"m.json:{key}")] if found == WORSE else []
    note = NOTES.get(found)
    assert [(item.key, item.note) for item in report.metric_notes] == (
        [(key, note)] if note else []
    )
    assert findings == told
    assert report.verdict.conclusion == ("failure" if told and config else "success")
    assert all(f"from {before} to {after}" in item.message for item in report.findings)


NOISY = ("0.9", "0.91", "0.905", "0.9", "0.908", "0.902", "0.909", "0.901", "0.907", "0.903")


@pytest.mark.parametrize(("new", "note"), [("0.898", "tolerated"), ("0.8", "worse")])
def test_the_row_of_a_model_is_tolerated_within_the_noise(
    git_repo: GitRepo, new: str, note: str
) -> None:
    for value in (*NOISY, new):
        metrics = {"m.json": f'{{"accuracy": {value}}}'}
        write_runs(git_repo, {"train": RecordedRun({}, {"model.pkl": value}, metrics)})
        git_repo.commit(value)
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (row,) = report.models[0].metrics
    (noted,) = report.metric_notes
    assert row.noise is not None
    assert (row.better, row.tolerated, row.noise.runs) == (False, note == "tolerated", len(NOISY))
    assert (noted.note, noted.noise) == (note, row.noise)


def test_each_file_that_measures_a_model_has_its_row(git_repo: GitRepo) -> None:
    """Two stages as near below it; one that makes a model measures its own."""
    for text in ("1", "2"):
        metrics = dict.fromkeys(("a.json", "b.json", "c.json"), f'{{"loss": {text}}}')
        runs = {
            "train": RecordedRun({}, {"model.pkl": text}, cmd=f"fit {text}"),
            **{
                name: RecordedRun({"model.pkl": text}, outs, {path: metrics[path]}, cmd="measure")
                for name, path, outs in (
                    ("one", "a.json", {}),
                    ("two", "b.json", {}),
                    ("prune", "c.json", {"small_model.pkl": text}),
                )
            },
        }
        write_runs(git_repo, runs)
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    assert {model.path: [row.file for row in model.metrics] for model in report.models} == {
        "model.pkl": ["a.json", "b.json"],
        "small_model.pkl": ["c.json"],
    }


def test_the_difference_is_the_new_value_less_the_old(git_repo: GitRepo) -> None:
    report = compared(git_repo, "loss", "0.5", "0.75")
    assert report.metrics == {"m.json": {"loss": {"old": 0.5, "new": 0.75, "diff": 0.25}}}
    noise = MetricNoise(None, 1)
    row = ModelMetric("m.json", "loss", 0.5, 0.75, 0.25, better=False, noise=noise)
    assert report.models[0].metrics == (row,)
