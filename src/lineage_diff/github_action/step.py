"""The step that runs: where it is, what it was asked for, and how it tells what came of it."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from lineage_diff.exit_codes import PASS
from lineage_diff.forge.publication import RunAttempt
from lineage_diff.github_action.outcome import outputs
from lineage_diff.github_action.publish import Credentials
from lineage_diff.github_action.runner.environment import Environment
from lineage_diff.github_action.runner.inputs import Inputs
from lineage_diff.github_action.runner.log import Console
from lineage_diff.github_action.runner.outputs import write_outputs, write_summary
from lineage_diff.render.templates import render


class Step(Struct, frozen=True):
    """A step of a job, its environment and inputs, and its log."""

    environment: Environment
    inputs: Inputs
    console: Console

    @property
    def run(self) -> RunAttempt:
        """The attempt of the workflow run that it is part of."""
        return RunAttempt(self.environment.run_id, self.environment.run_attempt)

    @property
    def credentials(self) -> Credentials:
        """The credentials to publish with."""
        return Credentials(self.inputs.github_token, self.environment.api_url)

    def summarise(self, text: str) -> None:
        """Add Markdown to the job's summary, where the runner takes one."""
        path = self.environment.step_summary
        if path is not None and text.strip():
            self._write(lambda: write_summary(str(path), self.console.hidden(text)))

    def put(self, outputs: Mapping[str, str]) -> None:
        """Set the outputs, where the runner takes them."""
        path = self.environment.output
        if path is not None:
            shown = {name: self.console.hidden(text) for name, text in outputs.items()}
            self._write(lambda: write_outputs(str(path), shown))

    def nothing(self, why: str) -> int:
        """Say that there is nothing to do, and why; return the exit code that passes."""
        text = render("action/nothing.j2", why=why).strip()
        self.console.command("notice", text)
        self.summarise(f"{text}\n")
        self.put(outputs(None, self.inputs.fail_on))
        return PASS

    def warn(self, notes: Sequence[str]) -> None:
        """Tell what was not published in lines of its own."""
        for note in notes:
            self.console.command("warning", note)

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (OSError, ValueError) as error:
            self.warn([render("action/unwritten.j2", why=str(error)).strip()])
