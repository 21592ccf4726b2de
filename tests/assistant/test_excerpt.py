"""What is left out of an answer is named, and can be read part by part."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.cli.assistant.excerpt import excerpt
from lineage_diff.errors import InputError

MOST = 2_000
NAMES = st.text("ab/~01é", max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NAMES
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=200,
)


def whole(answer: dict[str, Any], part: str = "", most: int = MOST) -> Any:
    """Read an answer as an assistant does: ask for each part that was left out."""
    value: Any = None
    offset, done = 0, False
    while not done:
        found = excerpt(answer, part, offset, most, frozenset())
        assert json.loads(json.dumps(found["answer"])) == found["answer"]
        shown, done, begin = found["answer"], True, offset
        for entry in found["left_out"]:
            if entry.part == part:
                assert entry.next_offset > offset
                offset, done = entry.next_offset, False
            else:
                inner = whole(answer, entry.part, most)
                _put(shown, entry.part.removeprefix(part).split("/")[1:], inner, begin)
        if value is None or not isinstance(value, list | dict | str):
            value = shown
        elif isinstance(value, dict):
            value |= shown
        else:
            value += shown
    return value


def _put(value: Any, names: list[str], inner: Any, begin: int) -> None:
    """Replace a value of an excerpt; a list begins with the item `begin`."""
    name = names[0].replace("~1", "/").replace("~0", "~")
    key = int(name) - begin if isinstance(value, list) else name
    if names[1:]:
        _put(value[key], names[1:], inner, 0)
    else:
        value[key] = inner


@given(st.lists(VALUES | st.just("x" * 500), max_size=400))
def test_all_that_was_left_out_can_be_read(rows: list[Any]) -> None:
    answer = {"rows": rows, "text": "x" * 500}
    found = excerpt(answer, "", 0, MOST, frozenset())
    assert len(msgspec.json.encode(found)) <= MOST
    assert ("how_to_read_more" in found) == bool(found["left_out"])
    assert whole(answer) == answer


def test_invisible_characters_are_escapes() -> None:
    hidden = "train\u202e\u200b\n\U000e0041"
    found = excerpt({"names": [hidden], "by": {hidden: 1}}, "", 0, MOST, frozenset())
    shown = r"train\u202e\u200b\n\U000e0041"
    assert found["answer"] == {"names": [shown], "by": {shown: 1}}


def test_names_that_look_the_same_stay_two() -> None:
    found = excerpt({"by": {"a\n": 1, r"a\n": 2}}, "", 0, MOST, frozenset())
    assert found["answer"] == {"by": {r"a\n": 1, r"a\n (2)": 2}}


def test_a_folded_part_is_shown_if_asked_for() -> None:
    answer = {"graph": {"nodes": [1, 2]}}
    folded = frozenset(("/graph",))
    found = excerpt(answer, "", 0, MOST, folded)
    assert found["answer"] == {"graph": {}}
    assert [(one.part, one.of) for one in found["left_out"]] == [("/graph", 1)]
    for part, shown in [("/graph", {"nodes": [1, 2]}), ("/graph/nodes", [1, 2])]:
        assert excerpt(answer, part, 0, MOST, folded)["answer"] == shown


@pytest.mark.parametrize(
    ("part", "offset", "says"),
    [
        ("/nothing", 0, "the answer has no part '/nothing'"),
        ("rows", 0, "the answer has no part 'rows'"),
        ("/rows/9", 0, "the answer has no part '/rows/9'"),
        ("/rows/-1", 0, "the answer has no part '/rows/-1'"),
        ("/rows", 2, "the part '/rows' has no item 2"),
        ("", 1, "the part '' has no item 1"),
        ("/number", 1, "the part '/number' has no item 1"),
    ],
)
def test_a_part_that_does_not_exist_is_an_error(part: str, offset: int, says: str) -> None:
    with pytest.raises(InputError, match=says.replace("'", "['\"]")):
        excerpt({"rows": [1, 2], "number": 1}, part, offset, MOST, frozenset())
