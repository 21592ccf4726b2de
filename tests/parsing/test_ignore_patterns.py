"""Which paths a `.dvcignore` ignores, held to DVC's own answers, and in no time."""

import time

import pytest

from lineage_diff.limits import Limits
from lineage_diff.parsing.ignore_patterns import is_ignored, parse_ignore
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget
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
    start = time.perf_counter()
    assert not is_ignored("a" * 5000, False, rules)
    assert not is_ignored("a/" * 500 + "a", False, rules)
    assert time.perf_counter() - start < 2


def test_the_error_of_too_many_matches_names_the_work() -> None:
    rules = parse_ignore("/*/*b\n/**/c/**/d\n", "", work=WorkBudget(Limits(work_steps=1_000)))

    def match_all() -> None:
        for number in range(200):
            is_ignored(f"f{number}/x", False, rules)

    with pytest.raises(TooMuchWorkError, match="matching paths against the ignore rules takes"):
        match_all()
