"""The running workflow step: its environment, inputs, log and outputs."""

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
        """The attempt of the workflow run."""
        return RunAttempt(self.environment.run_id, self.environment.run_attempt)

    @property
    def credentials(self) -> Credentials:
        """The credentials to publish with."""
        return Credentials(self.inputs.github_token, self.environment.api_url)

    def summarise(self, text: str) -> None:
        """Append Markdown to the job's summary, if the runner supports one."""
        path = self.environment.step_summary
        if path is not None and text.strip():
            self._write(lambda: write_summary(str(path), self.console.hidden(text)))

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Set the outputs, if the runner supports them."""
        path = self.environment.output
        if path is not None:
            shown = {name: self.console.hidden(text) for name, text in outputs.items()}
            self._write(lambda: write_outputs(str(path), shown))

    def skip(self, why: str) -> int:
        """Report why there is nothing to do, and return the passing exit code."""
        text = render("action/nothing.j2", why=why).strip()
        self.console.command("notice", text)
        self.summarise(f"{text}\n")
        self.set_outputs(outputs(None, self.inputs.fail_on))
        return PASS

    def warn(self, notes: Sequence[str]) -> None:
        """Log each note as a warning."""
        for note in notes:
            self.console.command("warning", note)

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (OSError, ValueError) as error:
            self.warn([render("action/unwritten.j2", why=str(error)).strip()])
