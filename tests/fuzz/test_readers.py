"""What fuzzing found stays fixed; and a short run of it finds nothing new."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.commands import Repository, fuzz
from fuzz.readers import MORE, TARGETS, read
from fuzz.seeds import WORDS
from fuzz.small_process import small_process

ROOT = Path(__file__).parents[2]
FOUND: list[tuple[str, bytes]] = [
    # Two YAML parsers disagree on it, and only one was asked for the line of a wrong key.
    ("policy", b"mlflow: {commit: [dv?_commit]}\nmodel: x\n"),
]


@pytest.mark.parametrize(("target", "data"), FOUND)
def test_what_was_found_stays_mended(target: str, data: bytes) -> None:
    read(target, data)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_seed_with_every_word_in_it(target: str) -> None:
    for seed in (TARGETS[target][1], *MORE.get(target, ())):
        read(target, seed)
        for index, word in enumerate(WORDS):
            # Each word at another place of the document.
            at = len(seed) * index // len(WORDS)
            read(target, seed[:at] + word + seed[at:])


@pytest.mark.skipif(sys.platform != "linux", reason="atheris has no build for this system")
@pytest.mark.parametrize("target", ["lock", "policy", "dvc_file", "commit"])
def test_a_short_run_finds_nothing(target: str, tmp_path: Path) -> None:
    runs = "150" if target == "commit" else "1500"
    command = [sys.executable, str(ROOT / "fuzz" / "readers.py"), target, "--runs", runs]
    command += ["--corpus", str(tmp_path)]
    done = small_process().submit(subprocess.run, command, capture_output=True, text=True).result()
    assert done.returncode == 0, done.stderr[-3_000:]


def test_whole_commands(tmp_path: Path) -> None:
    codes = fuzz(Repository(tmp_path), 25, start=2)
    assert sum(codes.values()) == 25
