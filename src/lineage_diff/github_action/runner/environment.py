"""Read GitHub's default environment variables.

https://docs.github.com/actions/reference/workflows-and-actions/variables
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.event import FULL_NAME

# As many as the marker of a comment holds.
_DIGITS = 18


class Environment(Struct, frozen=True):
    """The workflow run. `repository` is `owner/name`; URLs have no final `/`.

    `step_summary` and `output` are the files that the runner reads afterwards, if any. `debug` is
    true if the run was restarted with debug logging.
    """

    api_url: str
    server_url: str
    repository: str
    event_name: str
    event_path: Path
    workspace: Path
    run_id: int
    run_attempt: int
    step_summary: Path | None = None
    output: Path | None = None
    debug: bool = False

    @property
    def run_url(self) -> str:
        """The URL of this run's page."""
        return self.url_of_run(self.run_id)

    def url_of_run(self, number: int) -> str:
        """Return the URL of the page of a run in this repository."""
        return f"{self.server_url}/{self.repository}/actions/runs/{number}"


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Return the environment. Raises `InputError` for a missing or invalid variable."""
    repository = _required(variables, "GITHUB_REPOSITORY")
    if not re.fullmatch(FULL_NAME, repository):
        raise _invalid_value("GITHUB_REPOSITORY", repository, "`owner/name`")
    return Environment(
        api_url=_address(variables, "GITHUB_API_URL", "https://api.github.com"),
        server_url=_address(variables, "GITHUB_SERVER_URL", "https://github.com"),
        repository=repository,
        event_name=_required(variables, "GITHUB_EVENT_NAME"),
        event_path=Path(_required(variables, "GITHUB_EVENT_PATH")),
        workspace=Path(_required(variables, "GITHUB_WORKSPACE")),
        run_id=_number(variables, "GITHUB_RUN_ID"),
        run_attempt=_number(variables, "GITHUB_RUN_ATTEMPT"),
        step_summary=_path(variables, "GITHUB_STEP_SUMMARY"),
        output=_path(variables, "GITHUB_OUTPUT"),
        debug=variables.get("RUNNER_DEBUG") == "1",
    )


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise InputError(
            f"{name} is not set",
            hint="Run it as a step of a workflow, or use `lineage-diff compare`.",
        )
    return value


def _address(variables: Mapping[str, str], name: str, default: str) -> str:
    value = (variables.get(name) or default).rstrip("/")
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("https", "http") and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        valid = False
    if not valid or not parts.hostname:
        raise _invalid_value(name, value, "a URL that starts with `https://`")
    return value


def _number(variables: Mapping[str, str], name: str) -> int:
    value = _required(variables, name)
    if not (value.isascii() and value.isdigit()) or len(value) > _DIGITS:
        raise _invalid_value(name, value, "a number")
    return int(value)


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    value = variables.get(name, "")
    return Path(value) if value else None


def _invalid_value(name: str, value: str, wanted: str) -> InputError:
    return InputError(f"{name} is {value[:80]!r}", hint=f"It must be {wanted}.")
