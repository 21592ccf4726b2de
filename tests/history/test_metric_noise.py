"""The noise of metrics: how often it is wrong, and what a comparison makes of it."""

import json
import random
from collections.abc import Callable, Iterator

import pytest

from lineage_diff.cli.main import main
from lineage_diff.history.metric_noise import FEWEST, spread_of
from tests.support.git_repo import GitRepo
from tests.support.projects import project

REPEATS = 2_000

Draw = Callable[[random.Random, int], float]
DISTRIBUTIONS: dict[str, Draw] = {
    "normal": lambda rng, _: rng.gauss(0.9, 0.01),
    "uniform": lambda rng, _: rng.uniform(0.88, 0.92),
    # Half of the steps of a training improve it.
    "rising": lambda rng, number: rng.gauss(0.9 + 0.002 * number, 0.01),
    "two levels": lambda rng, number: rng.gauss(0.8 if number < 6 else 0.9, 0.01),
}


def series(rng: random.Random, draw: Draw, length: int) -> Iterator[float]:
    return (draw(rng, number) for number in range(length))


@pytest.mark.parametrize("length", [FEWEST, 15, 20, 50])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_an_unchanged_metric_is_hardly_ever_worse(name: str, length: int) -> None:
    """At most 1 % of new values, from the same distribution, fall below the spread."""
    rng = random.Random(f"{name} {length}")
    worse = missed = 0
    for _ in range(REPEATS):
        *values, new = series(rng, DISTRIBUTIONS[name], length + 1)
        spread = spread_of(values)
        assert spread is not None
        worse += new - values[-1] < -spread
        # And at most 5 % of drops of three spreads are within it.
        missed += new - 3 * spread - values[-1] >= -spread
    assert worse <= REPEATS * 0.01
    assert missed <= REPEATS * 0.05


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([], None),
        ([0.9] * (FEWEST - 1), None),
        ([0.9] * FEWEST, 0.0),
        # Most runs gave the same: a few that did not are no noise.
        ([0.9] * 8 + [0.5, 0.9], 0.0),
        ([1.0, 1.1] * 5, 3.5 * 1.4826 * 0.1),
        ([1.0, 1.1] * 10, 3.0 * 1.4826 * 0.1),
        ([-1e308, 1e308] * 5, float("inf")),
    ],
)
def test_the_spread(values: list[float], spread: float | None) -> None:
    assert spread_of(values) == (spread if spread is None else pytest.approx(spread))


def compared(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], config: str = "", *values: object
) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
    """Commit the values of `accuracy`, and compare the last one with the one before.

    Return the exit code, the note on the metric, and the findings as pairs of severity and rule.
    """
    repo.write(".github/lineage-diff.yml", config or "# nothing\n")
    pipeline = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    repo.write("dvc.yaml", "metrics: [m.json]\n" + pipeline)
    for number, value in enumerate(values):
        repo.write("m.json", json.dumps({"accuracy": value, "other": number}))
        repo.commit(f"value {number}")
    code = main(["compare", "HEAD~1", "HEAD", "--format", "json", "--repo", str(repo.path)])
    report = json.loads(capsys.readouterr().out)
    notes = [note for note in report["metric_notes"] if note["key"] == "accuracy"]
    found = [(item["severity"], item["rule"]) for item in report["findings"]]
    return code, (notes or [{}])[0], found


NOISY = (0.90, 0.91, 0.905, 0.90, 0.908, 0.902, 0.909, 0.901, 0.907, 0.903, 0.906)
STEADY = (0.9,) * 11
WORSE = ("warning", "metric-regressed")


@pytest.mark.parametrize(
    ("past", "new", "note", "runs", "found"),
    [
        (NOISY, 0.898, "tolerated", 11, []),
        (NOISY, 0.80, "worse", 11, [WORSE]),
        (NOISY, 0.95, "better", None, []),
        # All values the same, or too few: a loss below 0.1 % is small enough.
        (STEADY, 0.8995, "tolerated", 11, []),
        (STEADY, 0.89, "worse", 11, [WORSE]),
        (NOISY[:4], 0.8996, "tolerated", 4, []),
        (NOISY[:4], 0.89, "worse", 4, [WORSE]),
        (NOISY, "broken", "no-number", None, [WORSE]),
        (NOISY, float("nan"), "no-number", None, [WORSE]),
    ],
)
def test_a_loss_within_the_noise_is_no_regression(
    git_repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    past: tuple[float, ...],
    new: object,
    note: str,
    runs: int | None,
    found: list[tuple[str, str]],
) -> None:
    project(git_repo)
    _, noted, findings = compared(git_repo, capsys, "", *past, new)
    assert noted["note"] == note
    noise = noted["noise"]
    assert (noise["runs"] if isinstance(noise, dict) else None) == runs
    assert findings == found


@pytest.mark.parametrize(
    ("config", "new", "code", "found"),
    [
        # An own tolerance counts, and not the noise.
        ("{tolerance: 0}", 0.9029, 0, [WORSE]),
        ("{tolerance: 20%}", 0.80, 0, []),
        ("{tolerance: auto}", 0.80, 0, [WORSE]),
        ("{gate: error}", 0.80, 1, [("error", "metric-regressed")]),
        ("{gate: info}", 0.80, 0, [("info", "metric-regressed")]),
        ("{gate: 'off'}", 0.80, 0, []),
        ("{gate: error}", 0.898, 0, []),
        # A limit counts, however little the value is beyond it.
        ("{min: 0.9}", 0.898, 1, [("error", "metric-limit")]),
        ("{min: 0.9, gate: warning}", 0.898, 0, [("warning", "metric-limit")]),
        ("{max: 0.95}", 0.96, 1, [("error", "metric-limit")]),
        ("{min: 0.9}", 0.9, 0, []),
        ("{min: 0.5}", "high", 1, [("error", "metric-limit"), WORSE]),
        ("{min: 0.5, gate: 'off'}", 0.1, 0, []),
    ],
)
def test_the_configuration_sets_what_gates(
    git_repo: GitRepo,
    capsys: pytest.CaptureFixture[str],
    config: str,
    new: object,
    code: int,
    found: list[tuple[str, str]],
) -> None:
    project(git_repo)
    policy = f"metrics:\n  accuracy: {config}\n"
    assert compared(git_repo, capsys, policy, *NOISY, new)[::2] == (code, found)


def test_a_least_value_of_a_metric_holds_without_a_base(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    project(git_repo)
    compared(git_repo, capsys, "metrics: {accuracy: {min: 0.95}}\n", *NOISY)
    for command in ("status", "lint"):
        code = main([command, "--format", "json", "--repo", str(git_repo.path)])
        report = json.loads(capsys.readouterr().out)
        rules = {item["rule"] for item in report["findings"]}
        assert (code, "metric-limit" in rules) == (1, True)
