"""Measure what the registry's tags, and the look into the history of metrics and runs, cost.

`compare` on a repository with 10,000 tags of a registry, all of the model that changes or of 100
other artifacts, against the same without tags, and on one with 2,000 commits, where the history is
asked, against the same with a configuration that does not ask. Runs in turn; the difference is that
of the medians. A noisy machine shows in the wall time: judge by the
processor time.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.experiments import PIPELINE, baseline, write_run
from tests.support.git_repo import GitRepo

_TAGS, _COMMITS = 10_000, 2_000
_MOST_TAGS, _MOST_HISTORY = 20.0, 50.0
_ARTIFACT = "artifacts:\n  churn: {path: model.pkl, type: model}\n"
_QUIET = "metrics: {accuracy: {tolerance: 0}}\nrules: {nondeterministic-stage: 'off'}\n"


def _project(path: Path, config: str = "") -> GitRepo:
    repo = GitRepo(path)
    baseline(repo, {"accuracy": 0.9}, config)
    repo.write("dvc.yaml", PIPELINE + _ARTIFACT)
    repo.commit("a name")
    return repo


def _change(repo: GitRepo) -> None:
    write_run(repo, 0.1, {"accuracy": 0.8})
    repo.commit("worse")


def _tagged(path: Path, tags: int, others: int = 0) -> GitRepo:
    repo = _project(path)
    # GTO registers one version of an artifact at a commit.
    _add_commits(repo, _TAGS // 2)
    commits = repo.git("rev-list", "--reverse", "HEAD").split("\n")
    lines = []
    for number in range(tags):
        artifact = f"other{number % others}" if others else "churn"
        name = f"#stage{number % 7}#{number}" if number % 2 else f"@v1.{number}.0"
        at = commits[number // 2]
        time_of = 1_700_000_000 + number
        lines.append(
            f"tag {artifact}{name}\nfrom {at}\ntagger A <a@b> {time_of} +0000\ndata 2\nx\n"
        )
    if lines:
        repo.git("fast-import", "--quiet", stdin="\n".join(lines).encode())
        repo.git("pack-refs", "--all")
    _change(repo)
    return repo


def _add_commits(repo: GitRepo, commits: int) -> None:
    tip = repo.git("rev-parse", "HEAD")
    lines = [
        f"commit refs/heads/main\ncommitter A <a@b> {1_700_100_000 + number} +0000\ndata 1\nx\n"
        + (f"from {tip}\n" if not number else "")
        + f"M 644 inline notes/{number % 100}.txt\ndata {len(str(number))}\n{number}\n"
        for number in range(commits)
    ]
    repo.git("fast-import", "--quiet", stdin="\n".join(lines).encode())
    repo.git("reset", "-q", "--hard", "main")
    repo.git("repack", "-adq")


def _long(path: Path, config: str, commits: int) -> GitRepo:
    repo = _project(path, config)
    for number in range(60):
        write_run(repo, 0.1 + number / 1000, {"accuracy": 0.9 + 0.004 * (number % 2)})
        repo.commit(f"run {number}")
    _add_commits(repo, commits)
    write_run(repo, 0.1, {"accuracy": 0.8})
    repo.commit("worse")
    return repo


def _cost(repo: GitRepo) -> tuple[float, float]:
    """Return milliseconds of wall and of processor time of one comparison."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "lineage_diff", "compare", "HEAD~1", "HEAD"]
    subprocess.run(
        [*command, "--repo", str(repo.path), "--format", "json"], capture_output=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * wall, 1000 * used


def _compare(name: str, plain: GitRepo, asked: GitRepo, repeat: int, most: float) -> bool:
    rounds = [(_cost(plain), _cost(asked)) for _ in range(repeat + 1)][1:]

    def median(side: int, kind: int) -> float:
        return statistics.median(pair[side][kind] for pair in rounds)

    wall = statistics.median(two[0] - one[0] for one, two in rounds)
    used = statistics.median(two[1] - one[1] for one, two in rounds)
    print(
        f"| {name} | {median(0, 1):.0f} → {median(1, 1):.0f} ms | **{used:+.0f} ms** | "
        f"{wall:+.0f} ms | {most:.0f} ms |"
    )
    return used <= most


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table; return 1 if a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args(arguments).repeat
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        print("| | Processor time | More | More, by the clock | At most |\n|:--|--:|--:|--:|--:|")
        fine = [
            _compare(
                f"{_TAGS:,} tags of a registry",
                _tagged(root / "plain", 0),
                _tagged(root / "tags", _TAGS),
                repeat,
                _MOST_TAGS,
            ),
            _compare(
                f"{_TAGS:,} tags of other artifacts",
                _tagged(root / "plain again", 0),
                _tagged(root / "other tags", _TAGS, 100),
                repeat,
                _MOST_TAGS,
            ),
            _compare(
                f"noise and earlier runs in {_COMMITS:,} commits",
                _long(root / "quiet", _QUIET, _COMMITS),
                _long(root / "asked", "", _COMMITS),
                repeat,
                _MOST_HISTORY,
            ),
        ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
