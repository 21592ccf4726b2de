"""What a process costs, and where the figures of a run are kept."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: wall time in seconds, peak memory in MB, processor time in seconds.

    Processes that it started count, too.
    """

    seconds: float
    megabytes: float
    processor: float = 0.0


def program(name: str) -> str:
    """Return a command that stands beside the interpreter."""
    return str(Path(sys.executable).with_name(name))


def ours(*arguments: str, repo: Path, out: Path | str = os.devnull) -> list[str]:
    """Return the command line of lineage-diff on a repository, with JSON that goes to a file."""
    return [
        program("lineage-diff"),
        *arguments,
        "--repo",
        str(repo),
        "--format",
        "json",
        "-o",
        str(out),
    ]


def in_turn(commands: Sequence[Sequence[str]], folder: Path, repeat: int) -> list[Cost]:
    """Run some commands one after the other, some times; return what `median` does for each.

    A machine that is slower for a while is so for all of them.
    """
    rounds = [[run(command, folder) for command in commands] for _ in range(repeat)]
    return [_median(costs) for costs in zip(*rounds, strict=True)]


def median(command: Sequence[str], folder: Path, repeat: int, most: float | None = None) -> Cost:
    """Run a command some times; return the median of its times and the most of its memory.

    Raises `TimeoutError` when a run takes more than `most` seconds.
    """
    return _median([run(command, folder, most) for _ in range(repeat)])


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        max(cost.megabytes for cost in costs),
        statistics.median(cost.processor for cost in costs),
    )


def run(
    command: Sequence[str],
    folder: Path,
    most: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command once. Exit code 1 is an answer of lineage-diff's; more is a failure.

    `environment` is added to that of this process. Raises `TimeoutError` when it takes more than
    `most` seconds; it is ended then.
    """
    own = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**own, "DVC_NO_ANALYTICS": "1", **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    timer = Timer(most or _FOR_EVER, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if most is not None and seconds > most:
        raise TimeoutError(f"{' '.join(command)}: more than {most:.0f} s")
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


# With it Python compiles every module anew at each start.
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
# Seconds: a day.
_FOR_EVER = 86_400.0


def keep(section: str, text: str, file: Path = RESULTS) -> None:
    """Put the figures of a run in their section of a file, between the two comments around it."""
    begin, end = f"<!-- {section} -->\n", f"<!-- /{section} -->"
    before = file.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    after, found = pattern.subn(lambda _: begin + text + "\n" + end, before)
    if not found:
        raise SystemExit(f"{file} has no section {section}")
    file.write_text(after, encoding="utf-8")
