"""The README and the pages are as the program is: help, formats, times, links and YAML."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml

from lineage_diff.cli.commands import COMMANDS
from lineage_diff.config.loader import PATHS, read_policy
from lineage_diff.git.repository import open_repository
from lineage_diff.render.formats import FORMATS, Kind
from lineage_diff.rules.rule_names import RULE_NAMES
from tests.support.git_repo import GitRepo
from tests.support.page_commands import PAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
BOTH = re.DOTALL | re.MULTILINE
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


def helped(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff", *arguments, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    return done.stdout


@pytest.mark.parametrize("command", ["lineage-diff", "lineage-diff compare"])
def test_help_on_the_page_is_what_the_command_prints(command: str) -> None:
    pattern = rf"<!-- help: {command} -->\n```text\n(.*?)```\n<!-- /help -->"
    block = re.search(pattern, COMMAND, re.DOTALL)
    assert block
    assert block[1] == helped(*command.split()[1:])


def test_the_help_lists_all_commands() -> None:
    assert re.findall(r"^    (\w+)(?: |$)", helped(), re.MULTILINE) == [c.name for c in COMMANDS]


def test_the_formats_on_the_page_are_those_of_the_table() -> None:
    _, _, rest = COMMAND.partition("<!-- formats -->\n")
    cells = r" \| (.*)" * (1 + len(get_args(Kind)))
    rows = re.findall(rf"^\| `(\w+)`{cells} \|$", rest, re.MULTILINE)
    assert [
        (name, tuple(re.findall(r"`(.+?)`", suffixes)), [cell == "yes" for cell in kinds])
        for name, suffixes, *kinds in rows
    ] == [
        (
            name,
            item.suffixes,
            [getattr(item, kind) is not None for kind in get_args(Kind)],
        )
        for name, item in FORMATS.items()
    ]


def test_every_page_is_in_the_list_of_pages() -> None:
    docs = ROOT / "docs"
    index = docs / "README.md"
    linked = {
        (docs / target).resolve()
        for target in re.findall(r"\]\(([^)#:]+)\)", index.read_text(encoding="utf-8"))
    }
    assert {*docs.glob("*.md")} - {index} <= linked
    assert "(docs/README.md)" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_links_of_the_page_lead_to_files(page: Path) -> None:
    """The site checks their anchors."""
    targets = [one or two for one, two in LINK.findall(page.read_text(encoding="utf-8"))]
    files = {target.partition("#")[0] for target in targets if ":" not in target}
    assert [file for file in sorted(files) if not (page.parent / file).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_yaml_of_the_page_parses(page: Path) -> None:
    for block in re.findall(r"^```yaml\n(.*?)```", page.read_text(encoding="utf-8"), BOTH):
        assert not isinstance(yaml.safe_load(block), str), block


def test_the_configuration_on_its_page_is_accepted(git_repo: GitRepo) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    block = re.search(r"^```yaml\n(.*?)```", page, BOTH)
    assert block
    git_repo.write(PATHS[0], block[1])
    commit = git_repo.commit()
    policy = read_policy(open_repository(git_repo.path).snapshot(commit), None, RULE_NAMES)
    assert policy.fetch == ("metrics",)
    keys = set(re.findall(r"`([a-z]+)`", page.partition("| Key |")[2]))
    assert keys >= {*yaml.safe_load(block[1])} - {"data", "ignore", "repository", "mention"}


def test_the_speed_on_the_page_is_what_was_measured() -> None:
    results = (ROOT / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    measured = re.search(r"<!-- dvc -->\n[^|]*(\|.*?)<!-- /dvc -->", results, re.DOTALL)
    shown = re.search(r"<!-- bench -->\n(.*?)<!-- /bench -->", page, re.DOTALL)
    assert measured
    assert shown
    assert shown[1] == measured[1]
