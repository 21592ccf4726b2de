"""README, `--help` and the workflow in it tell the truth."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lineage_diff.cli.main import FORMATS
from lineage_diff.render import formats

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
    known = "compare|show|demo|rules|status|trace|history|impact|audit|lint|init"
    named = set(re.findall(rf"lineage-diff ({known})\b", README))
    offered = set(re.findall(r"^    (\w+) ", helped(), re.MULTILINE))
    assert named <= offered


def test_the_links_in_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", README):
        assert (ROOT / (target[0] or target[1])).exists(), target


def test_the_formats_offered_are_the_formats_there_are() -> None:
    assert set(FORMATS) == set(formats.FORMATS)


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
