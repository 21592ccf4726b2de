"""YAML is read as DVC reads it, and nothing in a text can hang or crash the reader."""

import math
import re
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lineage_diff.errors import InputError
from lineage_diff.parsing.yaml_loader import (
    ConflictError,
    DuplicateKeyError,
    load_any_yaml,
    load_yaml,
    plain_value,
)

SCALARS = [
    "1e-3",
    "1e-05",
    "1E5",
    "1e+3",
    ".5",
    "5.",
    "-.5",
    "+.5",
    "1_000",
    "1_0.5",
    "017",
    "0o17",
    "0O17",
    "08",
    "0b101",
    "0xFF",
    "-0x1f",
    "+12",
    "-0",
    "0",
    "00",
    "1:30",
    "1:30:45",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Yes",
    "True",
    "true",
    "TRUE",
    "tRue",
    "False",
    "null",
    "Null",
    "NULL",
    "~",
    "none",
    "None",
    "nan",
    ".nan",
    ".NaN",
    "NaN",
    ".inf",
    "-.inf",
    ".INF",
    "inf",
    "2024-01-31",
    "2024-01-31T10:20:30Z",
    "2024-1-5",
    "1.2.3",
    "1e",
    "1e5x",
    "e5",
    "-",
    "=",
    "12e03",
    "0.1e-05",
    "2001-12-14t21:59:43.10-05:00",
    "0.0.0",
    "1,000",
    "+1",
    "1.",
    "1.e3",
    "0x",
    "0b",
    "123456789012345678901234567890",
    "v1",
    "_1",
    "1_",
]


def ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def outcome(load: Any, text: str) -> Any:
    """What a loader makes of a text: the value with its type, or that it refuses it."""
    try:
        value = load(text)
    except Exception:
        return "refused"
    return repr(value) if value == value else "nan"


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_scalar_means_what_it_means_to_ruamel(scalar: str) -> None:
    text = f"key: {scalar}\n"
    assert outcome(lambda t: load_yaml(t, "f"), text) == outcome(ruamel, text)


@given(st.text(alphabet="0123456789+-._eExobnaftruTlNiyT~ ", max_size=9))
@settings(max_examples=300, deadline=None)
def test_any_short_scalar_means_what_it_means_to_ruamel(scalar: str) -> None:
    text = f"key: {scalar}\n"
    assert outcome(lambda t: load_yaml(t, "f"), text) == outcome(ruamel, text)


@pytest.mark.parametrize("scalar", ["true", "12", "1e-3", "017", "null", "text", ".5", "1_0"])
def test_a_plain_value_is_what_the_loader_makes_of_it(scalar: str) -> None:
    assert repr(plain_value(scalar)) == repr(load_yaml(scalar, "f"))


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {k: 1}\nb: {<<: *x, k: 2}\n",
        "a: &x {k: 1}\nb: &y {k: 3, j: 4}\nc: {<<: [*x, *y], z: 0}\n",
        "a: {k: 1, <<: {j: 2}}\n",
        "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
        "? [1, 2]\n: x\n",
        "'quoted': \"\\u00e9\\n\"\n",
        "",
        "# nothing\n",
        "!!str 1",
        "a: !!int '3'\n",
    ],
)
def test_structures_are_what_ruamel_makes_of_them(text: str) -> None:
    assert load_yaml(text, "f") == ruamel(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("stages:\n  x: {k: 1, k: 2}\n", 2),
        ("a: &x {k: 1}\nb:\n  <<: *x\n  <<: *x\n", 4),
        ("1: x\n0x1: y\n", 2),
    ],
)
def test_a_duplicate_key_is_an_error_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        load_yaml(text, "dvc.yaml")
    assert (caught.value.file, caught.value.line) == ("dvc.yaml", line)


def test_conflict_markers_are_named_as_such() -> None:
    text = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n"
    with pytest.raises(ConflictError) as caught:
        load_yaml(text, "dvc.lock")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2\nb: 3\n",
        "a: !custom x\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: *nowhere\n",
        "a: 2024-13-45\n",
        f"a: {'9' * 5000}\n",
        f"a: 0x{'f' * 5000}\n",
        "a: 1\n---\nb: 2\n",
        "\tx: 1\n",
    ],
)
def test_what_dvc_refuses_is_an_error_that_names_the_file(text: str) -> None:
    with pytest.raises(InputError) as caught:
        load_yaml(text, "dvc.yaml")
    assert caught.value.file == "dvc.yaml"


def test_bytes_that_are_no_utf8_are_an_error_with_the_line() -> None:
    with pytest.raises(InputError) as caught:
        load_yaml(b"a: 1\nb: \xff\n", "dvc.yaml")
    assert caught.value.line == 2


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 12)
)
MERGE_BOMB = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 8)}]}}\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000 + "x",
        "? " * 100_000 + "x",
        "- !!seq " * 50_000 + "- x",
        "-\t" * 50_000 + "x",
        "".join(f"{' ' * n}a:\n" for n in range(2_000)),
        BOMB,
        MERGE_BOMB,
        "a: &a [*a]\n",
    ],
    ids=["[", "{", "-", "?", "tags", "tabs", "indent", "aliases", "merges", "self"],
)
def test_a_bomb_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError):
        load_yaml(text, "dvc.yaml")
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"s{n}: {{cmd: x, outs: [{{path: m{n}.pt, size: 1}}]}}\n" for n in range(3_000)),
        "".join(f"? s{n}\n: [1, 2, [3, 'x']]\n" for n in range(6_000)),
        f"a: [{'1, ' * 40_000}1]\n",
    ],
    ids=["flow", "complex keys", "numbers"],
)
def test_no_layout_takes_more_than_some_bytes_for_each_of_the_text(text: str) -> None:
    load_any_yaml("a: 1\n", "f")
    tracemalloc.start()
    try:
        load_any_yaml(text, "f")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 * len(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<<:\n", "only mappings can be merged"),
        ("a: &x 1\nb: &x 2\n", "f:2: not valid YAML: found duplicate anchor"),
        ("a: !!omap [b]\n", "f:1: not valid YAML: expected mappings of one key"),
        ("a: !!binary b\n", "f:1: not valid YAML: failed to decode base64"),
        ("a: 1\na: 2\nb: [\n", "f:4: not valid YAML: did not find expected node content"),
        ("a: 1\n---\nb: 1\n", "f:2: not valid YAML: but found another document"),
    ],
)
def test_the_error_names_what_does_not_load(text: str, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        load_any_yaml(text, "f")


def test_not_a_number_stays_one() -> None:
    assert math.isnan(load_yaml("x: .nan", "f")["x"])
