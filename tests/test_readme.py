"""README, `--help` and the workflow in it tell the truth."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lineage_diff.cli.commands import COMMANDS
from lineage_diff.render.formats import FORMATS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
def test_help_in_the_readme_is_what_the_command_prints(command: str) -> None:
    pattern = rf"<!-- help: {command} -->\n```text\n(.*?)```\n<!-- /help -->"
    block = re.search(pattern, README, re.DOTALL)
    assert block
    assert block[1] == helped(*command.split()[1:])


def test_the_commands_in_the_readme_exist() -> None:
    named = set(re.findall(r"(?:`|\$ )lineage-diff (\w+)", README))
    assert named <= {command.name for command in COMMANDS}
    assert re.findall(r"^    (\w+)(?: |$)", helped(), re.MULTILINE) == [c.name for c in COMMANDS]


def test_the_formats_in_the_readme_are_those_of_the_table() -> None:
    _, _, rest = README.partition("<!-- formats -->\n")
    rows = re.findall(
        r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \| (.*) \|$", rest, re.MULTILINE
    )
    assert [
        (name, tuple(re.findall(r"`(.+?)`", suffixes)), [cell == "yes" for cell in kinds])
        for name, suffixes, *kinds in rows
    ] == [
        (
            name,
            item.suffixes,
            [kind is not None for kind in (item.report, item.commit, item.audit, item.promotion)],
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
    assert all(target.exists() for target in linked)
    assert {*docs.glob("*.md")} - {index} <= linked
    assert "(docs/README.md)" in README


def test_the_links_in_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", README):
        assert (ROOT / (target[0] or target[1])).exists(), target


def test_the_yaml_in_the_readme_parses() -> None:
    for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL):
        assert isinstance(yaml.safe_load(block), dict)


def test_the_speed_in_the_readme_is_what_was_measured() -> None:
    results = (ROOT / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    measured = re.search(r"<!-- dvc -->\n[^|]*(\|.*?)<!-- /dvc -->", results, re.DOTALL)
    shown = re.search(r"<!-- bench -->\n(.*?)<!-- /bench -->", README, re.DOTALL)
    assert measured
    assert shown
    assert shown[1] == measured[1]
