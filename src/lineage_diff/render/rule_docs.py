"""Generate the pages of the rules: `python -m lineage_diff.render.rule_docs docs/rules`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from lineage_diff.render.templates import render
from lineage_diff.rules.registry import all_rules


def rule_pages() -> Mapping[str, str]:
    """Return the text of each page, and of the index, by file name."""
    rules = all_rules()
    pages = {
        f"{rule.name}.md": render(
            "rules/page.j2", rule=rule, found=tuple(rule.check(rule.fails.context))
        )
        for rule in rules
    }
    return {**pages, "index.md": render("rules/index.j2", rules=rules)}


def main(folder: str) -> None:
    """Write the pages into a folder, and delete pages of rules that no longer exist."""
    pages = rule_pages()
    for old in Path(folder).glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        Path(folder, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
