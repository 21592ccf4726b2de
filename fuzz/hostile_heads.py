"""Every command on random hostile heads, held to bounds of time and memory.

    python fuzz/hostile_heads.py [--heads N] [--seed N] [--mib N] [--seconds N] [--only PIECE]

A head is made of one to four pieces of `fuzz/hostile_pieces.py`; number and seed make it again.
Each command must end with an exit code of its own, without a traceback, leave no child, and stay
below the bounds, and below twice what a usual pipeline of that size takes. Exit code 1: some do not.

A usual pipeline consists of chains of ten stages, all in the lock, with params and metrics. Its
costs are measured at some sizes and interpolated between them. A head's size is what a push sends,
uncompressed: each content once, and a row of a tree for each file. Time is that of all processors,
of a command and its children; memory is what all of them hold at once.
"""  # noqa: E501

import argparse
import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import CHAIN, files_of
from fuzz.hostile_pieces import PIECES, Piece
from fuzz.hostile_repository import BASE, HEAD, Head, build_repository, stage_head
from fuzz.small_process import small_process
from tests.support.git_repo import git_environment

T = TypeVar("T")
MIB = 1 << 20
SECONDS, MEMORY = 60.0, 2 << 30
HEADS, LARGEST, SMALLEST = 200, 50, 0.02
# Times what a usual pipeline of the size takes; below these it is not worth a comparison.
TIMES, AT_LEAST_SECONDS, AT_LEAST_MEMORY = 2.0, 5.0, 256 << 20
# MiB of the usual pipelines. A larger one has more stages than `limits: stages` allows.
USUAL_SIZES = (2, 12, 35)
_STAGE_BYTES = 640
_LOOK = 0.05
# Of a command that is past its bounds, and of each on a usual pipeline.
_RUNS = 3
# A process is ended by its time on a processor; by the clock, which other work slows, far later.
_WALL = 8
_CPU = attrgetter("cpu")
_MODEL = "model.pkl"
_REPORT = ".git/report.json"
_FORMATS = ("terminal", "markdown", "html", "svg", "mermaid", "dot", "sarif", "annotations")
_MAIN = (sys.executable, "-m", "lineage_diff")

BASE_FILES: Mapping[str, bytes] = {
    ".dvc/config": b"",
    "dvc.yaml": b"stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n"
    b"    params: [lr]\n    outs: [model.pkl]\n    metrics: [metrics.json: {cache: false}]\n",
    "params.yaml": b"lr: 1\n",
    "metrics.json": b'{"auc": 0.5}',
    "train.py": b"print(1)\n",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of one command ended: seconds of the wall and of the processor, peak bytes of it
    and its children together, and what is wrong with it, if anything."""

    command: str
    seconds: float
    cpu: float
    memory: int
    status: int
    faults: tuple[str, ...]


def make_head(seed: int, number: int, most: float = LARGEST, only: str = "") -> tuple[str, Head]:
    """Return the names of a head's pieces, and the head. `most` is its size in MiB, at most."""
    rng = random.Random(f"{seed}-{number}")  # noqa: S311 - no secret
    chosen = [piece for piece in PIECES if piece.__name__ == only] or [
        PIECES[number % len(PIECES)],
        *rng.sample(PIECES, rng.choice([0, 0, 1, 3])),
    ]
    size = int(min(most, SMALLEST * (most / SMALLEST) ** (rng.random() ** 0.5)) * MIB)
    return "+".join(piece.__name__ for piece in chosen), _together(rng, chosen, size)


def _together(rng: random.Random, pieces: Sequence[Piece], size: int) -> Head:
    """Put pieces into one head: the first at the root, each other one there or in a folder."""
    made = Head()
    for number, piece in enumerate(pieces):
        folder = f"part{number}/" if number and rng.random() < 0.7 else ""
        part = piece(rng, size // len(pieces))
        made = Head(
            {**made.files, **_under(folder, part.files)},
            {**made.links, **_under(folder, part.links)},
            {**made.bombs, **_under(folder, part.bombs)},
            made.history or part.history,
        )
    kept = {path: text for path, text in made.files.items() if path not in made.links}
    return Head(_without_clashes(kept), made.links, made.bombs, made.history)


def _under(folder: str, made: Mapping[str, T]) -> dict[str, T]:
    return {f"{folder}{path}": each for path, each in made.items()}


def _without_clashes(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what would lie in a folder that is a file."""
    return {
        path: text
        for path, text in files.items()
        if len(path) > 5_000 or not any(path[:at] in files for at in _slashes(path))
    }


def _slashes(path: str) -> Iterator[int]:
    at = path.find("/")
    while at >= 0:
        yield at
        at = path.find("/", at + 1)


def usual_head(mib: float) -> Head:
    """Return a head of that size as teams have them: chains of ten stages, all locked.

    One stage more has the metric and the dep that all heads are asked for.
    """
    chains = int(mib * MIB / _STAGE_BYTES / CHAIN)
    files = {path: text.encode() for path, text in files_of(chains, CHAIN, "plain", 1)}
    asked = BASE_FILES["dvc.yaml"].replace(b"    cmd:", b"    wdir: ..\n    cmd:")
    return Head(files | {"asked/dvc.yaml": asked})


@dataclass(frozen=True, slots=True)
class Question:
    """A command, and the formats in which it is asked for its answer."""

    words: tuple[str, ...]
    formats: tuple[str, ...] = ("terminal",)

    def command(self) -> tuple[str, ...]:
        """Return it in all formats at once, which costs less than one after the other."""
        return (*self.words, *(word for shown in self.formats for word in _in(shown)))

    def one_by_one(self) -> Iterator[tuple[str, ...]]:
        """Yield it once for each format."""
        return ((*self.words, *_in(shown)) for shown in self.formats)


def _in(shown: str, file: str = os.devnull) -> tuple[str, ...]:
    return ("--format", shown, "-o", file)


def questions(repo: Path) -> Iterator[Question]:
    """Yield all that is asked of a repository; `compare` first: `show` reads its answer."""
    report = str(repo / _REPORT)
    yield Question(("compare", BASE, HEAD, *_in("json", report)), ())
    yield Question(("compare", HEAD, BASE, "--direct"))
    yield Question(("show", report), _FORMATS)
    yield Question(("status", HEAD), ("json", "markdown", "terminal"))
    yield Question(("lint", "--staged"))
    yield Question(("trace", _MODEL, "--rev", HEAD), ("terminal", "html"))
    yield Question(("history", _MODEL, "--rev", HEAD, "--all"), ("terminal", "html"))
    yield Question(("history", "auc", "--rev", HEAD))
    yield Question(("impact", "train.py", "--rev", HEAD), ("terminal", "html"))
    yield Question(("impact", "train.py", "--since", BASE, "--rev", HEAD))
    yield Question(("audit", "--rev", HEAD), ("json", "markdown", "html", "csv"))


Judge = Callable[[Ended], Sequence[str]]


def run_head(
    head: Head, seconds: float, skipped: Sequence[str] = (), judge: Judge = lambda ended: ()
) -> Iterator[Ended]:
    """Build a head's repository, and run every command on it except those that are `skipped`.

    Each command gives all its formats at once; if the `judge` finds faults, also one by one. A run
    in which it finds some is repeated: other work on the machine can make it slow, never quick.
    """
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        repo = Path(name)
        build_repository(repo, BASE_FILES, head)
        has_index = not head.bombs and stage_head(repo)
        for question in questions(repo):
            command = question.words[0]
            without_index = command == "lint" and not has_index
            without_report = command == "show" and not (repo / _REPORT).exists()
            if not (command in skipped or without_index or without_report):
                yield from _ask(question, repo, seconds, judge)


def _ask(question: Question, repo: Path, seconds: float, judge: Judge) -> Iterator[Ended]:
    question = replace(question, words=_for_model(question.words, repo))
    ended = _run_often(repo, question.command(), seconds, judge)
    yield ended
    if len(question.formats) > 1 and judge(ended):
        for command in question.one_by_one():
            yield _run_often(repo, command, seconds, judge)


def _run_often(repo: Path, command: Sequence[str], seconds: float, judge: Judge) -> Ended:
    """Return the quickest of at most `_RUNS` runs, the first that the judge lets pass."""
    ended = run(repo, command, seconds)
    for _ in range(_RUNS - 1):
        if ended.faults or not judge(ended):
            break
        again = run(repo, command, seconds)
        ended = again if again.faults else min(ended, again, key=_CPU)
    return ended


def _for_model(words: tuple[str, ...], repo: Path) -> tuple[str, ...]:
    """Ask about the last model that the head has, where there are any."""
    if _MODEL not in words:
        return words
    with contextlib.suppress(OSError, ValueError, LookupError):
        models = json.loads((repo / _REPORT).read_bytes())["models"]
        return tuple(models[-1]["path"] if word == _MODEL else word for word in words)
    return words


def run(repo: Path, command: Sequence[str], seconds: float) -> Ended:
    """Run a command in a session of its own, and look at it until it ends, or must be ended."""
    return small_process().submit(_run, repo, command, seconds).result()


def _run(repo: Path, command: Sequence[str], seconds: float) -> Ended:
    shown = " ".join(word[-40:] for word in command if word not in ("-o", os.devnull))
    with tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        process = subprocess.Popen(
            [*_MAIN, *command],
            cwd=repo,
            env=git_environment() | {"COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2),
        )
        status, cpu, memory = _wait(process, begin + _WALL * seconds)
        took = time.monotonic() - begin
        left = _end_session(process.pid)
        err.seek(0)
        faults = _faults(status, err.read(1 << 20), left)
    return Ended(shown, took, cpu, memory, status, tuple(faults))


def _wait(process: "subprocess.Popen[bytes]", until: float) -> tuple[int, float, int]:
    """Return its exit code (negative for a signal), seconds of the processor, and peak memory."""
    memory, looked = 0, 0.0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            own = usage.ru_maxrss * 1024
            return process.returncode, usage.ru_utime + usage.ru_stime, max(memory, own)
        if time.monotonic() - looked > 4 * _LOOK:
            looked = time.monotonic()
            memory = max(memory, sum(_members(process.pid).values()))
        if time.monotonic() > until or memory > MEMORY * 1.5:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(_LOOK)


def _members(session: int) -> dict[int, int]:
    """Return the processes of a session, each with its bytes in memory.

    A page that several processes share counts in parts.
    """
    found = {}
    for entry in (each.name for each in Path("/proc").iterdir()):
        with contextlib.suppress(OSError, IndexError):
            if entry.isdigit() and os.getsid(int(entry)) == session:
                rows = Path(f"/proc/{entry}/smaps_rollup").read_text().splitlines()
                shares = (row.split()[1] for row in rows if row.startswith("Pss:"))
                found[int(entry)] = int(next(shares, 0)) * 1024
    return found


def _end_session(session: int) -> int:
    """End what is left of a session after a moment; return how many processes that were."""
    if _members(session):
        time.sleep(0.5)
    left = [pid for pid, memory in _members(session).items() if memory]
    for pid in left:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return len(left)


def _faults(status: int, err: bytes, left: int) -> Iterator[str]:
    if status < 0:
        ended = status in (-signal.SIGKILL, -signal.SIGXCPU)
        yield "did not end" if ended else f"signal {-status}"
    elif status not in (0, 1, 2):
        yield f"exit code {status}"
    if b"Traceback" in err:
        yield "traceback: " + err.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:200]
    if status == 2 and not err.strip():
        yield "an error without a word"
    if left:
        yield f"{left} children left"


def over(ended: Ended, usual: Ended | None) -> Iterator[str]:
    """Yield by what a run is past its bounds: time is that on a processor, children's too."""
    if ended.cpu > SECONDS:
        yield f"{ended.cpu:.0f} s"
    if ended.memory > MEMORY:
        yield f"{ended.memory >> 20} MiB"
    if usual and ended.cpu > max(AT_LEAST_SECONDS, TIMES * usual.cpu):
        yield f"{ended.cpu:.1f} s where a usual one takes {usual.cpu:.1f} s"
    if usual and ended.memory > max(AT_LEAST_MEMORY, TIMES * usual.memory):
        yield f"{ended.memory >> 20} MiB where a usual one takes {usual.memory >> 20} MiB"


class Usual:
    """What each command costs on usual pipelines, measured when first asked for.

    `kept` is a file that holds the costs between runs.
    """

    def __init__(self, seconds: float, kept: Path | None = None) -> None:
        self._seconds, self._kept = seconds, kept
        self._costs: dict[float, dict[str, Ended]] = {}
        if kept is not None and kept.exists():
            for mib, rows in json.loads(kept.read_bytes()).items():
                self._costs[float(mib)] = {kind: Ended(**row) for kind, row in rows.items()}

    def of(self, size: int, command: str) -> Ended | None:
        """Return the cost of a command on a usual pipeline of that many bytes."""
        mib = min(max(size / MIB, USUAL_SIZES[0]), USUAL_SIZES[-1])
        above = next(each for each in USUAL_SIZES if each >= mib)
        below = next((each for each in reversed(USUAL_SIZES) if each <= mib), above)
        more, less = (self._at(each).get(_kind(command)) for each in (above, below))
        if more is None or less is None:
            return None
        part = (mib - below) / (above - below) if above > below else 0.0
        cpu = less.cpu + part * (more.cpu - less.cpu)
        return replace(more, cpu=cpu, memory=int(less.memory + part * (more.memory - less.memory)))

    def _at(self, mib: float) -> dict[str, Ended]:
        if mib not in self._costs:
            runs: dict[str, list[Ended]] = {}
            for _ in range(_RUNS):
                for ended in run_head(usual_head(mib), self._seconds):
                    runs.setdefault(_kind(ended.command), []).append(ended)
            self._costs[mib] = {kind: min(of_kind, key=_CPU) for kind, of_kind in runs.items()}
            _tell({"usual": mib, "costs": {k: _row(e) for k, e in self._costs[mib].items()}})
            if self._kept is not None:
                self._kept.write_text(json.dumps(self._costs, default=asdict))
        return self._costs[mib]


def _kind(command: str) -> str:
    """Return what is asked, without of what: the command, its options and formats."""
    words = command.split()
    asked = ("--all", "--since", "--direct", "auc", "json", "csv", *_FORMATS)
    return " ".join([words[0], *(word for word in words[1:] if word in asked)])


def _row(ended: Ended) -> list[float]:
    return [round(ended.seconds, 1), round(ended.cpu, 1), ended.memory >> 20, ended.status]


def _tell(row: Mapping[str, object]) -> None:
    print(json.dumps(row), flush=True)


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--heads", type=int, default=HEADS)
    parser.add_argument("--first", type=int, default=0, help="the number of the first head")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mib", type=float, default=LARGEST, help="the largest head")
    parser.add_argument("--seconds", type=float, default=SECONDS * 1.5, help="a run is ended then")
    parser.add_argument("--only", default="", choices=["", *(piece.__name__ for piece in PIECES)])
    parser.add_argument("--without", nargs="*", default=(), help="pieces of heads left out")
    parser.add_argument("--skip", nargs="*", default=(), help="commands that are not run")
    parser.add_argument("--usual", type=Path, help="keep the costs of usual pipelines in that file")
    parser.add_argument("--no-usual", action="store_true", help="hold to the bounds alone")
    given = parser.parse_args()
    usual = None if given.no_usual else Usual(given.seconds, given.usual)
    runs, offenders, worst_time, worst_memory = 0, 0, 0.0, 0
    for number in range(given.first, given.first + given.heads):
        names, head = make_head(given.seed, number, given.mib, given.only)
        if any(name in given.without for name in names.split("+")):
            continue
        costs = {}

        def faults(ended: Ended, size: int = head.size) -> list[str]:
            beside = usual.of(size, ended.command) if usual else None
            return [*ended.faults, *over(ended, beside)]

        for ended in run_head(head, given.seconds, given.skip, faults):
            runs += 1
            worst_time, worst_memory = (
                max(worst_time, ended.cpu),
                max(worst_memory, ended.memory),
            )
            costs[ended.command] = _row(ended)
            if wrong := faults(ended):
                offenders += 1
                _tell({"head": number, "pieces": names, "kib": head.size >> 10,
                       "command": ended.command, "status": ended.status, "wrong": wrong})  # fmt: skip  # noqa: E501
        slow = {command: cost for command, cost in costs.items() if cost[1] > 4 or cost[2] > 250}
        _tell(
            {
                "head": number,
                "pieces": names,
                "kib": head.size >> 10,
                "commands": len(costs),
                "costly": slow,
            }
        )
    _tell({"heads": given.heads, "runs": runs, "offenders": offenders,
           "seconds": round(worst_time, 1), "mib": worst_memory >> 20})  # fmt: skip
    return int(offenders > 0)


if __name__ == "__main__":
    sys.exit(main())
