"""`.dvcignore` patterns mean what they mean to DVC, and take no time."""

import time

import pytest
from dvc.ignore import DvcIgnorePatterns
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_diff.parsing.ignore_patterns import is_ignored, parse_ignore

PATTERNS = [
    "data", "data/", "/data", "a/data", "**/data", "a/**/data", "data/**", "*.csv", "d?ta",
    "[a-d]ata", "[!d]ata", "!data", "data/*\n!data/keep", "*\n!a", "data\n!data/", "\\!x", "#x",
    "a/*", "*/data", "/*\n!/a/", "", "*/", "**/", "/**/", "/*/", "/**", "a/**/", "**/a/", "//data",
    "a//data", "data//", "//", "/", "  data", "data\t", "*/\n!data/", "!*/",
    "[dx]ata", "[xd]ata", "[d]ata", "[!x]ata", "[a-cd]ata", "[a-]ata", "[]d]ata", "[d", "d[!]ata",
]  # fmt: skip
PATHS = ["data", "a/data", "a/b/data", "data/keep", "data/x/y", "x.csv", "a/x.csv", "a", "!x", "#x"]


def dvc_says(text: str, path: str, is_folder: bool) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    folder, _, name = f"/r/{path}".rpartition("/")
    return bool(DvcIgnorePatterns(patterns, "/r", "/").matches(folder, name, is_folder))


def we_say(text: str, path: str, is_folder: bool) -> bool:
    rules = parse_ignore(text, "")
    parts = path.split("/")
    folders = ["/".join(parts[:count]) for count in range(1, len(parts))]
    return any(is_ignored(folder, True, rules) for folder in folders) or is_ignored(
        path, is_folder, rules
    )


@pytest.mark.parametrize("is_folder", [True, False])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", PATTERNS)
def test_a_pattern_means_what_it_means_to_dvc(text: str, path: str, is_folder: bool) -> None:
    assert we_say(text, path, is_folder) == dvc_says(text, path, is_folder)


SEGMENT = st.text(alphabet="ab*?", min_size=1, max_size=3).filter(lambda part: "**" not in part)


@given(
    st.lists(
        st.builds(
            "{}{}{}{}".format,
            st.sampled_from(["", "!"]),
            st.sampled_from(["", "/", "**/"]),
            st.lists(SEGMENT, min_size=1, max_size=3).map("/".join),
            st.sampled_from(["", "/"]),
        ),
        max_size=4,
    ).map("\n".join),
    st.lists(st.text(alphabet="ab", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_any_pattern_means_what_it_means_to_dvc(text: str, path: str, is_folder: bool) -> None:
    assert we_say(text, path, is_folder) == dvc_says(text, path, is_folder)


def test_rules_of_a_folder_count_from_there() -> None:
    rules = parse_ignore("/data", "sub")
    assert is_ignored("sub/data", True, rules)
    assert not is_ignored("data", True, rules)


def test_a_pattern_made_to_be_slow_is_not() -> None:
    rules = parse_ignore("*a" * 30 + "b\n" + "**/a/" * 50 + "b", "")
    start = time.perf_counter()
    assert not is_ignored("a" * 5000, False, rules)
    assert not is_ignored("a/" * 500 + "a", False, rules)
    assert time.perf_counter() - start < 2
