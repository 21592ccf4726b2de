"""Inputs and environment: defaults, choices, one clear line for what is wrong, no token shown."""

from pathlib import Path
from typing import Any

import pytest

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.environment import read_environment
from lineage_diff.github_action.runner.inputs import CHOICES, read_inputs

VARIABLES = {
    "GITHUB_REPOSITORY": "octo-org/models",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_WORKSPACE": "/github/workspace",
    "GITHUB_RUN_ID": "30433642",
    "GITHUB_RUN_ATTEMPT": "2",
}


def test_nothing_given_is_every_default() -> None:
    inputs = read_inputs({"INPUT_BASE": "  ", "INPUT_CHECK": ""})
    assert (inputs.base, inputs.check, inputs.comment) == (None, True, "changes")
    assert (inputs.id, inputs.output_dir) == ("lineage-diff", "lineage-diff-report")


def test_each_id_has_a_folder_of_its_own() -> None:
    assert read_inputs({"INPUT_ID": "churn"}).output_dir == "lineage-diff-report-churn"


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_taken(name: str) -> None:
    variable = f"INPUT_{name.upper()}"
    taken = [getattr(read_inputs({variable: value.upper()}), name) for value in CHOICES[name]]
    wanted: list[Any] = [True, False] if name == "check" else list(CHOICES[name])
    assert taken == wanted


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("fail_on", "errors", "Did you mean `error`? It can be `error`, `warning`, `never`."),
        ("comment", "sometimes", "It can be `changes`, `always`, `never`."),
        ("check", "yes", "It can be `true`, `false`."),
        ("graph", "svg", "It can be `auto`, `image`, `mermaid`, `none`."),
        ("fetch", "metric", "Did you mean `metrics`?"),
        ("fetch", "metrics,everything", "It can be `metrics`, `plots`, `listings`, `nothing`."),
        ("fetch", "nothing,metrics", "without other values"),
        ("id", "--> <img>", "a letter first"),
        ("id", "../up", "a letter first"),
        ("id", "x" * 65, "at most 64"),
    ],
)
def test_a_wrong_input_is_named_with_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_inputs({f"INPUT_{name.upper()}": value})
    assert f"input `{name}`" in str(raised.value)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("value", "fetch"),
    [
        ("", None),
        (" , ", None),
        ("nothing", ()),
        ("metrics", ("metrics",)),
        ("Listings, metrics,listings", ("listings", "metrics")),
    ],
)
def test_what_to_fetch_is_a_list(value: str, fetch: tuple[str, ...] | None) -> None:
    assert read_inputs({"INPUT_FETCH": value}).fetch == fetch


def test_the_token_is_not_in_the_representation() -> None:
    token = "ghs_" + "1" * 36
    inputs = read_inputs({"INPUT_GITHUB_TOKEN": token})
    assert inputs.github_token == token
    assert token not in repr(inputs)


def test_the_environment_of_github_and_of_a_server_of_ones_own() -> None:
    here = read_environment(VARIABLES)
    assert (here.api_url, here.server_url) == ("https://api.github.com", "https://github.com")
    assert here.run_url == "https://github.com/octo-org/models/actions/runs/30433642"
    assert (here.run_attempt, here.output, here.debug) == (2, None, False)
    theirs = {
        "GITHUB_API_URL": "https://git.example.com/api/v3/",
        "GITHUB_SERVER_URL": "https://git.example.com",
        "GITHUB_OUTPUT": "/github/file_commands/output",
        "RUNNER_DEBUG": "1",
    }
    there = read_environment(VARIABLES | theirs)
    assert there.api_url == "https://git.example.com/api/v3"
    assert there.run_url.startswith("https://git.example.com/octo-org/models/")
    assert (there.output, there.debug) == (Path("/github/file_commands/output"), True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in VARIABLES),
        ("GITHUB_REPOSITORY", "models"),
        ("GITHUB_REPOSITORY", "octo-org/.."),
        ("GITHUB_RUN_ID", "one"),
        ("GITHUB_RUN_ID", "9" * 5_000),
        ("GITHUB_API_URL", "https://[::1"),
        ("GITHUB_API_URL", "https://example.com:99999"),
        ("GITHUB_SERVER_URL", "file:///etc"),
        ("GITHUB_SERVER_URL", "https://user:secret@example.com"),
    ],
)
def test_a_variable_that_is_missing_or_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        read_environment(VARIABLES | {name: value})
