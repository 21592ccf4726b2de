"""The documentation lists each known difference with its reason, and nothing else."""

import re
from pathlib import Path

from tests.oracle.differences import RULES

_DOCUMENT = Path(__file__).parents[2] / "docs/differences-from-dvc.md"


def test_the_documentation_lists_each_rule_with_its_reason() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    sections = re.findall(r"^## `([a-z-]+)`\n\n(.+?)\n$", text, flags=re.MULTILINE)
    assert sections == [(rule.name, rule.reason) for rule in RULES]
