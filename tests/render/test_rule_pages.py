from pathlib import Path

import pytest

from lineage_diff.render.rule_docs import main, rule_pages
from tests.support.projects import run

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_committed_pages_are_current() -> None:
    committed = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
    assert committed == rule_pages()


def test_writing_deletes_the_page_of_a_rule_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "old-rule.md").write_text("gone")
    main(str(tmp_path))
    assert {page.name for page in tmp_path.iterdir()} == set(rule_pages())


@pytest.mark.parametrize(("name", "page"), [((), "index.md"), (("stale-model",), "stale-model.md")])
def test_the_command_names_the_page_in_one_line(name: tuple[str, ...], page: str) -> None:
    last = run("rules", *name).stdout.splitlines()[-1]
    assert last.startswith("https://")
    assert last.endswith(f"/docs/rules/{page}")
    assert (FOLDER / page).is_file()
