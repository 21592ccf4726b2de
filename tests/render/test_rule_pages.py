from pathlib import Path

from lineage_diff.render.rule_docs import main, rule_pages

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_committed_pages_are_current() -> None:
    committed = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
    assert committed == rule_pages()


def test_writing_deletes_the_page_of_a_rule_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "old-rule.md").write_text("gone")
    main(str(tmp_path))
    assert {page.name for page in tmp_path.iterdir()} == set(rule_pages())
