"""A few small heads of random pieces: every command ends within its bounds, with a word.

`make hostile` runs 200 large ones.
"""

import pytest

from fuzz.hostile_heads import MEMORY, make_head, over, run_head

SECONDS = 20
SEED, MIB = 1, 0.05
HEADS = (10, 11)


@pytest.mark.parametrize("number", HEADS)
def test_every_command_ends_within_its_bounds(number: int) -> None:
    pieces, head = make_head(SEED, number, MIB)
    for ended in run_head(head, SECONDS):
        assert not ended.faults, (pieces, ended)
        assert not list(over(ended, None)), (pieces, ended)
        assert ended.memory < MEMORY / 2, (pieces, ended)


def test_a_head_is_the_same_each_time() -> None:
    for number in range(8):
        assert make_head(SEED, number, MIB) == make_head(SEED, number, MIB)
