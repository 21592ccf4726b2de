"""What it costs to match paths against a `.dvcignore`, in steps of the budget of work."""

import pytest

from lineage_diff.limits import USUAL, Limits
from lineage_diff.parsing.ignore_patterns import is_ignored, parse_ignore
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget


@pytest.mark.parametrize("steps", [*range(64, 134, 10), *range(134, 197)])
def test_too_much_work_is_named_wherever_it_ends(steps: int) -> None:
    def match() -> None:
        rules = parse_ignore("*.log\n", "", work=WorkBudget(Limits(work_steps=steps)))
        is_ignored("a/b/c.log", False, rules)

    with pytest.raises(TooMuchWorkError, match="matching paths against the ignore rules takes"):
        match()


@pytest.mark.parametrize(
    ("above", "own", "path", "is_left_out"),
    [
        ("*.log\n", "", "sub/a.log", True),
        ("*.log\n", "*.csv\n", "sub/a.log", True),
        ("*.log\n", "*.csv\n", "sub/a.csv", True),
        ("*.log\n", "*.csv\n", "a.csv", False),
        ("*.log\n", "!a.log\n", "sub/a.log", False),
        ("*.log\n", "!a.log\n", "a.log", True),
        ("!a.log\n", "*.log\n", "sub/a.log", True),
    ],
)
def test_a_folder_has_its_own_rules_and_those_above(
    above: str, own: str, path: str, is_left_out: bool
) -> None:
    rules = parse_ignore(own, "sub", parse_ignore(above, ""))
    assert is_ignored(path, False, rules) is is_left_out


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
    ids=range(8),
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
