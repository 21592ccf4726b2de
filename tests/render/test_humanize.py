"""Numbers, sizes and hashes: short, and never equal when they differ."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lineage_diff.render import humanize
from lineage_diff.report.change import Side
from lineage_diff.report.value_text import VALUE_WIDTH, values

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 10**18)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (14_400_000, 20_100_000, "14.4 → 20.1 MB"),
        (3, 999, "3 → 999 B"),
        (999, 1_000, "999 B → 1.0 kB"),
        (31_600_000, 58, "31.6 MB → 58 B"),
        (7_000, 7_000, "7.0 → 7.0 kB"),
        (1_000_000_000, 1_000_000_001, "1.000000000 → 1.000000001 GB"),
        (None, 12, "? → 12 B"),
        (0, 5_000, "0 B → 5.0 kB"),
    ],
)
def test_sizes(old: int | None, new: int | None, expected: str) -> None:
    assert humanize.sizes(old, new) == expected


@given(counts, counts)
def test_sizes_that_differ_look_different(old: int, new: int) -> None:
    one, _, two = humanize.sizes(old, new).partition(" → ")
    assert (one == two.split()[0]) == (old == new)


@pytest.mark.parametrize(
    ("old", "new", "expected", "apart"),
    [
        (0.912, 0.897, ("0.912", "0.897"), "0.015"),
        (0.9123456, 0.8973456, ("0.912", "0.897"), "0.015"),
        (0.5, 0.50000001, ("0.5", "0.50000001"), "1e-08"),
        (10, 20, ("10", "20"), "10"),
        (10, 12.5, ("10", "12.5"), "2.5"),
        (1e-9, 2e-9, ("1e-09", "2e-09"), "1e-09"),
        ("a", "b", ("a", "b"), ""),
        (None, 0.5, ("null", "0.5"), ""),
        (math.nan, 0.5, ("NaN", "0.5"), ""),
        (True, 1, ("true", "1"), ""),
        (1, "1", ("1", '"1"'), ""),
        (1.1, "1.10", ("1.1", '"1.10"'), ""),
        ("true", True, ('"true"', "true"), ""),
        (0.1, "0.2", ("0.1", '"0.2"'), ""),
        (1, "", ("1", '""'), ""),
        (1, "no", ("1", '"no"'), ""),
        ([1], "[1]", ("[1]", '"[1]"'), ""),
        ([1], ["1"], ("[1]", '["1"]'), ""),
        (math.nan, "NaN", ("NaN", '"NaN"'), ""),
        # In a report, a number that is no number is a text.
        (0.9, "NaN", ("0.9", "NaN"), ""),
        ("-Infinity", 0.9, ("-Infinity", "0.9"), ""),
        (True, "Infinity", ("true", "Infinity"), ""),
        (0.9, "nan", ("0.9", '"nan"'), ""),
        (1, "one", ("1", "one"), ""),
        ("1", "2", ("1", "2"), ""),
        (None, "1", ("null", "1"), ""),
        (10**400, 1.5, (f"1{'0' * 38}…{'0' * 20}", "1.5"), ""),
        (10**400, 10**400 + 1, (f"1{'0' * 38}…{'0' * 20}", f"1{'0' * 38}…{'0' * 19}1"), "1"),
    ],
)
def test_values(old: object, new: object, expected: tuple[str, str], apart: str) -> None:
    assert values(old, new) == expected
    assert humanize.difference(old, new) == apart


@given(numbers, numbers)
@example(0.1 + 0.2, 0.3)
@example(1e15, 1e15 + 2)
@example(1.0, 1.0 + 2**-52)
def test_numbers_that_differ_look_different(old: float, new: float) -> None:
    one, two = values(old, new)
    if old != new:
        assert one != two
        assert humanize.difference(old, new) not in ("", "0")


@given(st.text(max_size=200), st.text(max_size=200))
@example("x" * 100 + "a" + "y" * 100, "x" * 100 + "b" + "y" * 100)
def test_long_texts_that_differ_look_different(old: str, new: str) -> None:
    one, two = values(old, new)
    assert (one == two) == (old == new)
    assert max(len(one), len(two)) <= VALUE_WIDTH


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("md5:" + "a" * 32, "md5:" + "b" * 32, ("a" * 7, "b" * 7)),
        ("md5:" + "a" * 32, "md5:" + "a" * 31 + "b", ("a" * 32, "a" * 31 + "b")),
        ("md5:abc", "md5-dos2unix:abc", ("md5:abc", "md5-dos2unix:abc")),
        ("md5:" + "a" * 32, "sha:" + "a" * 32, ("md5:" + "a" * 7, "sha:" + "a" * 7)),
        (None, "etag:123456789", ("?", "1234567")),
    ],
)
def test_hashes(old: str | None, new: str, expected: tuple[str, str]) -> None:
    assert humanize.hashes(old, new) == expected


def test_names() -> None:
    assert humanize.address("dvc.yaml:train") == "train"
    assert humanize.address("ranking/dvc.yaml:rank") == "ranking/dvc.yaml:rank"
    assert humanize.setting("params.yaml:lr") == "lr"
    assert humanize.setting("conf/params.yaml:lr") == "conf/params.yaml:lr"
    assert humanize.count(1, "stage") == "1 stage"
    assert humanize.count(1_200, "stage") == "1,200 stages"


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((None, Side("md5:ab.dir")), "data/"),
        ((Side("md5:ab.dir"), None), "data/"),
        ((Side("md5:ab.dir"), Side("md5:ab")), "data"),
        ((None, Side(None)), "data"),
        ((None, None), "data"),
    ],
)
def test_a_folder_ends_in_a_slash(sides: tuple[Side | None, ...], expected: str) -> None:
    assert humanize.place("data", *sides) == expected
