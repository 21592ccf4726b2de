"""The page on what counts as a model names what the code takes for one."""

import re
from pathlib import Path

import pytest

from lineage_diff.lineage import models

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "before"),
    [
        (models.MODEL_SUFFIXES, "that only models have: "),
        (models.MODEL_FOLDERS, "or inside one ("),
        (models.NO_MODEL_SUFFIXES, "data, text or images: "),
        (models.GENERAL_SUFFIXES, "has a general suffix ("),
    ],
)
def test_the_page_lists_what_the_code_knows(words: frozenset[str], before: str) -> None:
    listed = re.search(re.escape(before) + r"((?:`[^`]+` ?)+)", PAGE)
    assert listed
    assert set(re.findall(r"`([^`]+)`", listed[1])) == words
