"""`action.yml`, the code and docs/action.md tell the same."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage_diff.config.loader import PATHS
from lineage_diff.github_action.outcome import OUTPUTS
from lineage_diff.github_action.runner.event import EVENTS
from lineage_diff.github_action.runner.inputs import (
    CHOICES,
    DEFAULT_FOLDER,
    DEFAULTS,
    Inputs,
    read_inputs,
)

ROOT = Path(__file__).parent.parent.parent
METADATA: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")


def table(name: str) -> dict[str, list[str]]:
    """Return the rows of a table of the page by the name in their first cell."""
    block = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    assert block
    rows = [line.strip("|").split("|") for line in block[1].splitlines()[2:]]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


NATIVE: dict[str, Any] = yaml.safe_load(
    (ROOT / "native" / "action.yml").read_text(encoding="utf-8")
)


def test_the_action_without_docker_has_the_same_inputs_and_outputs() -> None:
    for key in ("description", "author", "branding", "inputs"):
        assert NATIVE[key] == METADATA[key]
    *_, step = NATIVE["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in METADATA["inputs"]
    }
    assert NATIVE["outputs"] == {
        name: entry | {"value": f"${{{{ steps.{step['id']}.outputs.{name} }}}}"}
        for name, entry in METADATA["outputs"].items()
    }


def test_the_inputs_are_the_same_everywhere() -> None:
    declared = list(METADATA["inputs"])
    assert list(DEFAULTS) == declared
    assert [field.name for field in dataclasses.fields(Inputs)] == declared
    assert list(table("inputs")) == declared


def test_the_outputs_are_the_same_everywhere() -> None:
    assert list(METADATA["outputs"]) == list(OUTPUTS) == list(table("outputs"))


def test_the_defaults_are_the_same_everywhere() -> None:
    declared = {name: entry["default"] for name, entry in METADATA["inputs"].items()}
    assert declared.pop("github_token") == "${{ github.token }}"
    assert declared == {name: text for name, text in DEFAULTS.items() if name in declared}
    documented = {name: cells[0].strip("`") for name, cells in table("inputs").items()}
    for name, default in declared.items():
        said = {"config": PATHS[0], "output_dir": DEFAULT_FOLDER}.get(name, default)
        assert documented[name] == said or (
            not said and documented[name] in ("the event's", "the configuration's", "none", "all")
        )


def test_what_the_runner_hands_over_for_the_defaults_is_what_we_take_them_for() -> None:
    handed = {
        f"INPUT_{name.upper()}": entry["default"]
        for name, entry in METADATA["inputs"].items()
        if name != "github_token"
    }
    assert read_inputs(handed) == read_inputs({})


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_told(name: str) -> None:
    description = METADATA["inputs"][name]["description"]
    for choice in CHOICES[name]:
        assert f"`{choice}`" in description
        assert f"`{choice}`" in table("inputs")[name][1]


def test_every_input_and_output_is_described() -> None:
    for entry in (*METADATA["inputs"].values(), *METADATA["outputs"].values()):
        assert entry["description"].endswith(".")
    assert not any(entry.get("required") for entry in METADATA["inputs"].values())


def test_every_event_is_documented() -> None:
    for event in EVENTS:
        assert f"| `{event}`" in PAGE or f", `{event}`" in PAGE
