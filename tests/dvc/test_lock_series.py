"""Revisions of a lock that one reader reads one after the other, against a new reader for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.dvc.lock.lock_file import LockReader
from lineage_diff.errors import InputError
from lineage_diff.limits import Limits

BLOCKS = {
    "a": "  a:\n    cmd: one\n    outs:\n    - path: x\n      md5: {hash}\n      size: 1\n",
    "b": "  b:\n    cmd: two\n",
    "b, longer": "  b:\n    cmd: two\n    deps:\n    - path: y\n      md5: {hash}\n      size: 2\n",
    "c": "  c:\n    cmd: >\n      three\n      times\n",
    "not a stage": "  d: [1]\n",
    "twice": "  a:\n    cmd: again\n",
    "quoted": "  'e@1':\n    cmd: five\n",
}
HASHES = ("a" * 32, "b" * 32)

blocks = st.tuples(st.sampled_from(sorted(BLOCKS)), st.sampled_from(HASHES))
revision = st.lists(blocks, max_size=6)
endings = st.sampled_from(("", "schema: '2.0'\n", "\n", "# end\n"))


def lock(items: list[tuple[str, str]], ending: str) -> bytes:
    head = "stages:\n" if ending.startswith("schema") else "schema: '2.0'\nstages:\n"
    text = "".join(BLOCKS[name].format(hash=value) for name, value in items)
    return f"{head}{text}{ending}".encode()


def read(reader: LockReader, text: bytes) -> object:
    try:
        return reader.read(text, "dvc.lock")
    except Exception as error:
        return type(error), str(error)


@given(st.lists(st.tuples(revision, endings), max_size=5))
def test_what_was_read_before_changes_nothing(
    revisions: list[tuple[list[tuple[str, str]], str]],
) -> None:
    reader = LockReader()
    for items, ending in revisions:
        text = lock(items, ending)
        assert read(reader, text) == read(LockReader(), text)


def test_equal_blocks_are_shared_between_revisions() -> None:
    reader = LockReader()
    one = reader.read(lock([("a", HASHES[0]), ("c", HASHES[0])], ""), "dvc.lock")
    two = reader.read(lock([("b", HASHES[0]), ("c", HASHES[0])], ""), "dvc.lock")
    three = reader.read(lock([("a", HASHES[0]), ("b", HASHES[0])], ""), "dvc.lock")
    assert two.entries["c"].outs is one.entries["c"].outs
    assert three.entries["a"] is one.entries["a"]
    assert three.entries["b"].deps is two.entries["b"].deps


A, B, C = (("a", HASHES[0]), ("b", HASHES[0]), ("c", HASHES[0]))
A2, B2 = ("a", HASHES[1]), ("b, longer", HASHES[0])
LATER = "schema: '2.0'\n"
WRITTEN_BY_HAND = b"stages:\n a:\n   cmd: x\nschema: '2.0'\n"


@pytest.mark.parametrize(
    ("before", "after", "delta"),
    [
        (lock([A, B], ""), lock([A, B], ""), ([], [], True)),
        (lock([A, B], ""), lock([A2, B], ""), (["a"], ["a"], True)),
        # The last block of a revision is taken with the change beside it.
        (lock([A, B], ""), lock([A], ""), (["a", "b"], ["a"], True)),
        (lock([A], ""), lock([A, B], ""), (["a"], ["a", "b"], True)),
        (lock([A, B, C], ""), lock([A, B2, C], ""), (["b", "c"], ["b", "c"], True)),
        (lock([A, C], ""), lock([A, B, C], ""), (["a", "c"], ["a", "b", "c"], True)),
        (lock([A, B], LATER), lock([A2, B], LATER), (["a"], ["a"], True)),
        (lock([A, B], LATER), lock([A, B, C], LATER), (["b"], ["b", "c"], True)),
        (lock([A, B], LATER), lock([A, B], ""), ([], ["a", "b"], False)),
        # Nothing in common: all blocks are new.
        (lock([A, B], ""), lock([B, A], ""), ([], ["b", "a"], False)),
        (lock([A, B, C], ""), lock([C], ""), ([], ["c"], False)),
        (lock([A, B], ""), WRITTEN_BY_HAND, ([], ["a"], False)),
        (WRITTEN_BY_HAND, lock([A], ""), ([], ["a"], False)),
        (WRITTEN_BY_HAND, WRITTEN_BY_HAND, ([], ["a"], False)),
    ],
)
def test_the_blocks_that_a_revision_replaces(
    before: bytes, after: bytes, delta: tuple[list[str], list[str], bool]
) -> None:
    reader = LockReader()
    reader.next(before, "dvc.lock", strict=True)
    found = reader.next(after, "dvc.lock", strict=True)
    names = [[block.name for block in blocks] for blocks in (found.gone, found.new)]
    assert (*names, found.follows) == delta


def test_a_revision_keeps_to_the_limits() -> None:
    for nodes in (100, 1):
        reader = LockReader(Limits(yaml_nodes=nodes))
        if nodes == 100:
            assert len(reader.next(WRITTEN_BY_HAND, "dvc.lock", strict=True).new) == 1
        else:
            with pytest.raises(InputError, match="yaml-nodes"):
                reader.next(WRITTEN_BY_HAND, "dvc.lock", strict=True)


@pytest.mark.parametrize(
    ("most", "known"),
    [
        ((9, 9, 9), (2, 3, 3)),
        ((1, 9, 9), (2, 3, 3)),
        ((2, 2, 1), (2, 2, 3)),
        ((0, 0, 0), (2, 2, 2)),
    ],
)
def test_old_blocks_are_forgotten_beyond_a_number(
    most: tuple[int, int, int], known: tuple[int, int, int]
) -> None:
    """Those of the last revision stay, and do not count."""
    reader = LockReader()
    found = []
    for text, number in zip(([A, B], [A2, B], [A, B]), most, strict=True):
        delta = reader.next(lock(text, ""), "dvc.lock", strict=True)
        reader.forget_old_blocks(number)
        found.append(len(reader.blocks))
        assert [block.name for block in delta.new][:1] == ["a"]
    assert tuple(found) == known
