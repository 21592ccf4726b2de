"""What is refused is what DVC's own schema refuses."""

from typing import Any

import pytest
import voluptuous
from dvc.schema import COMPILED_MULTI_STAGE_SCHEMA, COMPILED_SINGLE_STAGE_SCHEMA
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.pipeline.schema import dvc_file_error, section_errors, stage_error

JUNK = st.sampled_from(
    [None, True, 3, 1.5, "text", "", [], ["a"], [1], [None], {}, {"a": "b"}, {"a": ["b"]}, {"a": 1}]
)
FLAGS = st.dictionaries(
    st.sampled_from(["cache", "push", "persist", "remote", "type", "labels", "x", "y", "odd"]),
    JUNK,
    max_size=2,
)
OUTS = st.one_of(JUNK, st.lists(st.one_of(JUNK, st.dictionaries(st.just("o"), FLAGS)), max_size=2))
KEYS = ["wdir", "deps", "params", "vars", "frozen", "meta", "desc", "always_changed", "matrix", "?"]
STAGE = st.fixed_dictionaries(
    {},
    optional={
        "cmd": st.one_of(st.just("x"), JUNK),
        "outs": OUTS,
        "metrics": OUTS,
        "plots": OUTS,
        **dict.fromkeys(KEYS, JUNK),
    },
)
FOREACH = st.fixed_dictionaries({}, optional={"foreach": JUNK, "do": STAGE, "cmd": JUNK})
TOP = st.dictionaries(
    st.sampled_from(["vars", "params", "metrics", "plots", "artifacts", "datasets", "odd"]),
    st.one_of(
        JUNK,
        st.lists(st.dictionaries(st.just("p"), st.one_of(JUNK, FLAGS)), max_size=2),
        st.dictionaries(
            st.just("m"), st.fixed_dictionaries({"path": JUNK}, optional={"type": JUNK})
        ),
    ),
    max_size=2,
)
ITEMS = st.one_of(
    JUNK,
    st.lists(
        st.dictionaries(
            st.sampled_from(["path", "md5", "size", "cache", "hash", "etag", "metric", "isexec"]),
            st.one_of(JUNK, st.sampled_from(["abc", 123, "p"])),
            max_size=3,
        ),
        max_size=2,
    ),
)
DVC_FILE = st.dictionaries(
    st.sampled_from(["outs", "deps", "md5", "wdir", "frozen", "desc", "cmd", "always_changed"]),
    ITEMS,
    max_size=2,
)


def dvc_refuses(schema: Any, data: Any) -> bool:
    try:
        schema(data)
    except voluptuous.Invalid:
        return True
    return False


@given(st.one_of(STAGE, FOREACH, JUNK))
@settings(max_examples=500, deadline=None)
def test_a_stage_is_refused_when_dvc_refuses_it(stage: Any) -> None:
    expected = dvc_refuses(COMPILED_MULTI_STAGE_SCHEMA, {"stages": {"s": stage}})
    assert (stage_error(stage) is not None) == expected


@given(TOP)
@settings(max_examples=400, deadline=None)
def test_a_section_is_refused_when_dvc_refuses_it(data: Any) -> None:
    assert bool(section_errors(data)) == dvc_refuses(COMPILED_MULTI_STAGE_SCHEMA, data)


@given(DVC_FILE)
@settings(max_examples=400, deadline=None)
def test_a_dvc_file_is_refused_when_dvc_refuses_it(data: Any) -> None:
    assert (dvc_file_error(data) is not None) == dvc_refuses(COMPILED_SINGLE_STAGE_SCHEMA, data)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ({"deps": ["a"]}, "has no `cmd`"),
        ({"cmd": "x", "dep": []}, "has the unknown key `dep`"),
        ({"cmd": "x", "deps": "a"}, "`deps` must be a list of text"),
        ({"cmd": "x", "outs": [{"o": {"cache": 1}}]}, "`outs` `o` `cache` must be true or false"),
    ],
)
def test_the_reason_says_what_and_where(stage: Any, words: str) -> None:
    assert stage_error(stage) == words
