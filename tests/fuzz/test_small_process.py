"""The memory of a command is its own, however large the process is that measures it."""

from pathlib import Path

from fuzz.hostile_heads import run
from fuzz.small_process import small_process


def test_a_small_command_of_a_large_process_is_small(tmp_path: Path) -> None:
    small_process().submit(int).result()
    ballast = bytearray(b"x") * (400 << 20)
    ended = run(tmp_path, ["--version"], 20)
    assert len(ballast) == 400 << 20
    assert not ended.faults
    assert 5 << 20 < ended.memory < 200 << 20
