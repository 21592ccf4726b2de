"""Regular expressions mean the same to each Python that is supported."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import lineage_diff

SOURCE = Path(lineage_diff.__file__).parent.parent
MODULES = [
    ".".join(file.relative_to(SOURCE).with_suffix("").parts)
    for file in sorted(SOURCE.rglob("*.py"))
    if "re.compile(" in file.read_text(encoding="utf-8")
]
ESCAPED = re.compile(r"\\.")
CHARACTERS = re.compile(r"\[\^?\]?[^\]]*\]")
# Python before 3.11.5, as in Debian 12, misreads them: https://github.com/python/cpython/issues/106052
POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[\d,]+\})\+|\(\?>")


def has_possessive_group(pattern: str) -> bool:
    return bool(POSSESSIVE_GROUP.search(CHARACTERS.sub("c", ESCAPED.sub("c", pattern))))


@pytest.mark.parametrize("module", MODULES)
def test_no_group_is_possessive(module: str) -> None:
    patterns = [one for one in vars(import_module(module)).values() if isinstance(one, re.Pattern)]
    assert [one.pattern for one in patterns if has_possessive_group(str(one.pattern))] == []


@pytest.mark.parametrize("pattern", ["(?:ab|a)*+", "(a b)++", "(a)?+", "(?:a){2,3}+", "(?>ab|a)"])
def test_a_possessive_group_is_found(pattern: str) -> None:
    assert has_possessive_group(pattern)


@pytest.mark.parametrize("pattern", ["a*+", "[()*+]", r"(a\)*+)+", "[])*+](b)", "(?:a{2}+)*"])
def test_others_are_not(pattern: str) -> None:
    assert not has_possessive_group(pattern)
