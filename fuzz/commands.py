"""Whole commands on commits of mutated files, as a person or the Action would run them.

    python fuzz/commands.py [--runs N] [--seed N]

Each run commits some mutated files on a branch of a real Git repository, and runs one command on
it, in this process. It must end with an exit code of its own, in time, and print no traceback.
"""

import argparse
import contextlib
import io
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import seeds
from fuzz.readers import SOUND
from lineage_diff.cli.main import main as lineage_diff

SECONDS = 20
COMMANDS = (
    *(
        ("compare", "main", "head", "--format", shown)
        for shown in ("terminal", "markdown", "json", "svg", "mermaid", "dot", "sarif")
    ),
    ("compare", "head", "main", "--direct"),
    ("status", "head"),
    ("status", "head", "--format", "annotations"),
    ("trace", "churn", "--rev", "head"),
    ("history", "sub/model.pkl", "--rev", "head", "--all"),
    ("history", "acc", "--rev", "head"),
    ("impact", "data/raw.csv", "--rev", "head"),
    ("impact", "data/raw.csv", "--since", "main", "--rev", "head"),
    *(
        ("audit", "--rev", "head", "--format", shown)
        for shown in ("terminal", "markdown", "json", "csv", "html")
    ),
)


@st.composite
def mutated(draw: st.DrawFn, file: str) -> bytes:
    """A sound file after some cuts, copies and words put in; sometimes another kind's."""
    text = bytearray(draw(st.sampled_from([SOUND[file], *SOUND.values()])))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["insert", "cut", "copy", "byte"])):
            case "insert":
                text[at:at] = draw(st.sampled_from(seeds.WORDS))
            case "cut":
                del text[at:end]
            case "copy":
                to = draw(st.integers(0, len(text)))
                text[to:to] = text[at:end] * draw(st.integers(1, 3))
            case _:
                text[at : at + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(text)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, bytes | None]:
    """What a head changes: files mutated, or gone."""
    files = draw(st.lists(st.sampled_from(sorted(SOUND)), min_size=1, max_size=4, unique=True))
    return {file: None if draw(st.integers(0, 9)) == 0 else draw(mutated(file)) for file in files}


class Repository:
    """A repository whose branch `main` is sound, and `head` whatever it is made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._git("init", "-q", "-b", "main")
        self.write("main", SOUND)

    def write(self, branch: str, files: Mapping[str, bytes | None]) -> None:
        """Make one commit the branch: on `main` where it is another."""
        lines = [
            b"commit refs/heads/%s\n" % branch.encode(),
            b"committer A <a@example.com> 1700000000 +0000\ndata 1\nx\n",
        ]
        if branch != "main":
            lines.append(b"from refs/heads/main\n")
        for path, content in files.items():
            if content is None:
                lines.append(b"D %s\n" % path.encode())
            else:
                lines.append(b"M 644 inline %s\n" % path.encode())
                lines.append(b"data %d\n%s\n" % (len(content), content))
        self._git("fast-import", "--quiet", "--force", given=b"".join(lines))

    def _git(self, *arguments: str, given: bytes = b"") -> None:
        command = ["git", "-C", str(self.path), *arguments]
        subprocess.run(command, input=given, check=True, capture_output=True)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """End what takes longer than any command may."""

    def end(number: int, frame: object) -> None:
        raise TimeoutError(SECONDS)

    signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def ended(repository: Repository, command: tuple[str, ...]) -> int:
    """Run a command; return its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with in_time(), contextlib.redirect_stdout(_Binary(out)), contextlib.redirect_stderr(err):
        try:
            code = lineage_diff([*command, "--repo", str(repository.path)])
        except SystemExit as stop:
            code = int(stop.code or 0)
    if code not in (0, 1, 2) or (code == 2 and not err.getvalue().strip()):
        raise AssertionError((command, code, err.getvalue()))
    return code


class _Binary(io.TextIOWrapper):
    """Standard output that takes bytes as well."""

    def __init__(self, _: io.StringIO) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="surrogateescape")


def fuzz(repository: Repository, runs: int, start: int) -> dict[int, int]:
    """Make that many runs; return how many ended with which exit code."""
    codes = {0: 0, 1: 0, 2: 0}

    @seed(start)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(changes(), st.sampled_from(COMMANDS))
    def one(files: dict[str, bytes | None], command: tuple[str, ...]) -> None:
        repository.write("head", files)
        codes[ended(repository, command)] += 1

    one()
    return codes


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        print(json.dumps(fuzz(Repository(Path(folder)), asked.runs, asked.seed)))


if __name__ == "__main__":
    main()
