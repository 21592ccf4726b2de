"""Which paths a `.dvcignore` ignores, held to DVC's own answers, and in no time."""

import time

import pytest

from lineage_diff.parsing.ignore_patterns import is_ignored, parse_ignore
from tests.parsing.ignore_cases import IGNORED, PATHS, we_say


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", IGNORED, ids=repr)
def test_a_pattern_means_what_it_means_to_dvc(text: str, path: str) -> None:
    assert we_say(text, path.rstrip("/"), path.endswith("/")) == (path in IGNORED[text])


def test_rules_of_a_folder_count_from_there() -> None:
    rules = parse_ignore("/data", "sub")
    assert is_ignored("sub/data", True, rules)
    assert not is_ignored("data", True, rules)


def test_a_pattern_made_to_be_slow_is_not() -> None:
    rules = parse_ignore("*a" * 30 + "b\n" + "**/a/" * 50 + "b", "")
    start = time.process_time()
    assert not is_ignored("a" * 5000, False, rules)
    assert not is_ignored("a/" * 500 + "a", False, rules)
    assert time.process_time() - start < 2
