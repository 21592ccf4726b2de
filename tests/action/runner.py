"""A runner of GitHub Actions for one step: its variables, its files, its log."""

import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lineage_diff.github_action.main import main
from tests.action.payloads import HOME
from tests.support.github import GitHubServer


@dataclass(frozen=True)
class Done:
    """What a step left."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    workspace: Path

    @property
    def folder(self) -> Path:
        """The output folder."""
        return self.workspace / "lineage-diff-report"

    def file(self, name: str) -> str:
        """Return a file of the output folder."""
        return (self.folder / name).read_text(encoding="utf-8")


@dataclass
class Runner:
    """Runs the step in a workspace, against a stand-in for GitHub."""

    workspace: Path
    files: Path
    github: GitHubServer
    token: str = ""
    run: int = 100
    payload: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)

    def step(self, event: str, payload: dict[str, Any], **inputs: str) -> Done:
        """Run the step on an event with these inputs; each run has a greater number."""
        self.run += 1
        folder = self.files / str(self.run)
        folder.mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        code, log = self.start(event, folder, given(self.token, self.inputs | inputs))
        return Done(
            code,
            log,
            _text(folder / "summary"),
            _outputs(_text(folder / "output")),
            self.workspace,
        )

    def start(self, event: str, folder: Path, inputs: dict[str, str]) -> tuple[int, str]:
        """Run the program, whose files are in a folder; return its exit code and its log."""
        stream = io.StringIO()
        return main(self.variables(event, folder) | inputs, stream), stream.getvalue()

    def variables(self, event: str, folder: Path) -> dict[str, str]:
        """Return the variables of a run whose files are in a folder."""
        return {
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": self.github.url,
            "GITHUB_REPOSITORY": HOME,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_RUN_ID": str(self.run),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
        }


def given(token: str, inputs: dict[str, str]) -> dict[str, str]:
    """Return the variables that hand over inputs."""
    return {
        f"INPUT_{name.upper()}": text for name, text in ({"github_token": token} | inputs).items()
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings
_OUTPUT = re.compile(r"^(\w+)<<(\S+)\n(.*?)\n?\2$", re.MULTILINE | re.DOTALL)


def _outputs(text: str) -> dict[str, str]:
    return {name: value for name, _, value in _OUTPUT.findall(text)}


def commands(log: str) -> list[str]:
    """Return the names of the workflow commands that a runner finds in a log.

    It takes `::name …::` at the start of a line and `##[name …]` anywhere in one, and none from
    `::stop-commands::WORD` up to `::WORD::`:
    https://github.com/actions/runner, ActionCommandManager.cs and ActionCommand.cs
    """
    found: list[str] = []
    stopped: str | None = None
    for line in re.split(r"\r\n|\r|\n", log):
        text = line.strip()
        if stopped is not None:
            if text == f"::{stopped}::":
                stopped = None
            continue
        if match := re.match(r"::([a-z-]+)[^:]*::(.*)", text):
            found.append(match[1])
            if match[1] == "stop-commands":
                stopped = match[2]
        elif match := re.search(r"##\[([a-z-]+)", text):
            found.append(match[1])
    assert stopped is None
    return found
