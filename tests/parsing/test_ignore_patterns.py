"""Which paths a `.dvcignore` ignores, held to DVC's own answers, and in no time."""

import time

import pytest

from lineage_diff.limits import USUAL, Limits
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
    start = time.process_time()
    assert not is_ignored("a" * 5000, False, rules)
    assert not is_ignored("a/" * 500 + "a", False, rules)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("steps", [*range(64, 134, 10), *range(134, 197)])
def test_too_much_work_is_named_wherever_it_ends(steps: int) -> None:
    def match() -> None:
        rules = parse_ignore("*.log\n", "", work=WorkBudget(Limits(work_steps=steps)))
        is_ignored("a/b/c.log", False, rules)

    with pytest.raises(TooMuchWorkError, match="matching paths against the ignore rules takes"):
        match()


@pytest.mark.parametrize(
    ("text", "paths", "parsing", "matching"),
    [
        ("", ["a/b"], 0, 0),
        ("*.log\n", ["a.log"], 134, 19),
        ("*.log\n", ["a/b/c.log"], 134, 63),
        # A folder is followed once.
        ("*.log\n", ["a/b/c.log", "a/b/d.log"], 134, 81),
        ("/a/**/b\n", ["a/x/b"], 200, 33),
        ("/a/**/b\n", ["c/x/b"], 200, 18),
        ("x\n!y\n/z/*q*\n", ["z/aqa"], 396, 36),
        ("data/\n", ["data/x"], 134, 21),
    ],
)
def test_each_step_of_matching_is_counted(
    text: str, paths: list[str], parsing: int, matching: int
) -> None:
    """The same commit reaches the limit on every machine."""
    work = WorkBudget()
    rules = parse_ignore(text, "", work=work)
    assert USUAL.work_steps - work.left == parsing
    for path in paths:
        is_ignored(path, False, rules)
    assert USUAL.work_steps - work.left == parsing + matching
